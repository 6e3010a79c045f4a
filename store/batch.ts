/** The most calls that one round trip carries. */
const LIMIT = 200;

interface Waiting<I, O> {
  input: I;
  resolve(output: O): void;
  reject(error: unknown): void;
}

/**
 * Joins the calls that come while an earlier batch is under way into one round trip. With many items at work
 * this saves most of what the database costs (a synced write of one document takes as long as one of thirty);
 * a call that comes alone goes out at once. `carryOut` returns an output for each input, in order; what it
 * throws, every call of the batch throws. Of calls for the same thing, by `keyOf`, a batch holds one: the
 * next goes with the next batch.
 */
export function createBatch<I, O>(
  carryOut: (inputs: I[]) => Promise<O[]>,
  keyOf?: (input: I) => string,
): (input: I) => Promise<O> {
  let waiting: Waiting<I, O>[] = [];
  let underWay = false;

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
      const batch = take();
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
