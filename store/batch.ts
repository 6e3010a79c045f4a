import { setTimeout as sleep } from 'node:timers/promises';

/** The most calls that one round trip carries. */
const LIMIT = 200;

interface Waiting<I, O> {
  input: I;
  resolve(output: O): void;
  reject(error: unknown): void;
}

interface BatchOptions<I> {
  /** Of calls for the same thing a batch holds one, the next goes with the next. Default: all differ. */
  keyOf?(input: I): string;
  /**
   * Milliseconds from the start of a batch to the next, default 0. At the first of many steps it makes items
   * go through all of them together, with fewer and larger batches each.
   */
  apartMs?: number;
}

/**
 * Joins the calls that come while an earlier batch is under way into one round trip. With many items at work
 * this saves most of what the database costs (a synced write of one document takes as long as one of thirty);
 * a call that comes after a pause goes out at once. `carryOut` returns an output for each input, in order;
 * what it throws, every call of the batch throws.
 */
export function createBatch<I, O>(
  carryOut: (inputs: I[]) => Promise<O[]>,
  { keyOf, apartMs = 0 }: BatchOptions<I> = {},
): (input: I) => Promise<O> {
  let waiting: Waiting<I, O>[] = [];
  let underWay = false;
  /** On the clock of `performance.now()`. */
  let notBefore = 0;

  function take(): Waiting<I, O>[] {
    const keys = new Set<unknown>();
    const batch: Waiting<I, O>[] = [];
    const left: Waiting<I, O>[] = [];
    for (const call of waiting) {
      const key = keyOf === undefined ? call : keyOf(call.input);
      const goes = batch.length < LIMIT && !keys.has(key);
      (goes ? batch : left).push(call);
      keys.add(key);
    }
    waiting = left;
    return batch;
  }

  async function work(): Promise<void> {
    while (waiting.length > 0) {
      const restMs = notBefore - performance.now();
      if (restMs > 0) await sleep(restMs);
      const batch = take();
      notBefore = performance.now() + apartMs;
      try {
        const outputs = await carryOut(batch.map((call) => call.input));
        for (const [index, call] of batch.entries()) call.resolve(outputs[index] as O);
      } catch (error) {
        for (const call of batch) call.reject(error);
      }
    }
    underWay = false;
  }

  return (input) =>
    new Promise<O>((resolve, reject) => {
      waiting.push({ input, resolve, reject });
      if (underWay) return;
      underWay = true;
      // After this turn of the event loop, so that calls made in the same turn go together.
      setImmediate(() => void work());
    });
}
