import { createInterface } from 'node:readline/promises';

/**
 * Asks on stderr, so that stdout holds results only. Only `y` and `yes` count as yes. @throws the signal's
 * reason
 */
export async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  // readline takes Ctrl-C for itself; the program's own handler decides what it means.
  asking.on('SIGINT', () => process.emit('SIGINT'));
  // The end of the input is an answer too: no.
  const ended = new Promise<string>((resolve) => asking.once('close', () => resolve('')));
  try {
    const answer = await Promise.race([asking.question(`${question} [y/N] `, { signal }), ended]);
    signal.throwIfAborted();
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    asking.close();
  }
}
