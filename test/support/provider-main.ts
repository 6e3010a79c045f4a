import { parseArgs } from 'node:util';
import { startProviderServer } from './provider-server.ts';

/**
 * The provider server as a process of its own, so that it outlives what is killed in a test:
 * `node --import tsx test/support/provider-main.ts [--port N] [--log FILE]`; prints `{"port":N,"url":"…"}`
 * when ready.
 */
const startedBy = process.ppid;
const { values } = parseArgs({ options: { port: { type: 'string' }, log: { type: 'string' } } });
const server = await startProviderServer({
  port: Number(values.port ?? 0),
  ...(values.log === undefined ? {} : { logFile: values.log }),
});
console.log(JSON.stringify({ port: server.port, url: server.url }));

// Ends with whoever started it, also when that was killed.
setInterval(() => {
  if (process.ppid !== startedBy) process.exit(0);
}, 500);
process.on('SIGTERM', () => process.exit(0));
process.on('SIGINT', () => process.exit(0));
