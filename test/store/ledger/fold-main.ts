import { connectMongo } from '../../../config/connections.ts';
import { createStore } from '../../../store/index.ts';

/** A process that does nothing but fold, until its parent ends or it is killed. */
async function main(uri: string): Promise<void> {
  const connection = await connectMongo(uri, { poolSize: 4 });
  const store = createStore(connection);
  process.stdin.resume();
  process.stdin.on('end', () => process.exit(0));
  process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
  for (;;) await store.foldOnce();
}

await main(process.argv[2] ?? '');
