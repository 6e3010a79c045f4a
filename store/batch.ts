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
 * throws, every call of the batch throws.
 */
export function createBatch<I, O>(carryOut: (inputs: I[]) => Promise<O[]>): (input: I) => Promise<O> {
  let waiting: Waiting<I, O>[] = [];
  let underWay = false;

  async function work(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, LIMIT);
      waiting = waiting.slice(LIMIT);
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
