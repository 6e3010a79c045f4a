import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

/**
 * Reads a secret from standard input: what is piped in, or what is typed, which is not shown. Never from an
 * argument: other programs of the machine see those.
 */
export async function askSecret(question: string, signal: AbortSignal): Promise<string> {
  if (!process.stdin.isTTY) return (await text(process.stdin)).trim();
  process.stderr.write(`${question}: `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const asking = createInterface({ input: process.stdin, output: silent, terminal: true });
  asking.on('SIGINT', () => process.emit('SIGINT'));
  try {
    return (await asking.question('', { signal })).trim();
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    asking.close();
    process.stderr.write('\n');
  }
}
