import { setTimeout as sleep } from 'node:timers/promises';
import { createBatch } from '../../store/batch.ts';

/** Round trips of 10 ms that answer with the tenfold. */
function slow(batches: number[][]) {
  return async (inputs: number[]) => {
    batches.push(inputs);
    await sleep(10);
    return inputs.map((input) => input * 10);
  };
}

test('calls of one turn go together, and those that come meanwhile with the next', async () => {
  const batches: number[][] = [];
  const call = createBatch(slow(batches));
  const first = [call(1), call(2)];
  await sleep(3);
  const outputs = await Promise.all([...first, call(3), call(4)]);
  expect([outputs, batches]).toEqual([
    [10, 20, 30, 40],
    [
      [1, 2],
      [3, 4],
    ],
  ]);
});

test('a batch holds one call for the same thing, and the next goes with the next', async () => {
  const batches: number[][] = [];
  const call = createBatch(slow(batches), { keyOf: (input) => String(input % 2) });
  expect(await Promise.all([1, 3, 2, 5, 4].map(call))).toEqual([10, 30, 20, 50, 40]);
  expect(batches).toEqual([[1, 2], [3, 4], [5]]);
});

test('batches keep their distance, and a call that comes after a pause goes out at once', async () => {
  const startedAt: number[] = [];
  const call = createBatch(
    async (inputs: number[]) => {
      startedAt.push(performance.now());
      return inputs;
    },
    { apartMs: 100 },
  );
  await call(1);
  await sleep(120);
  const begun = performance.now();
  await Promise.all([call(2), sleep(20).then(() => call(3)), sleep(50).then(() => call(4))]);
  const at = startedAt.map((time) => time - begun);
  expect(at).toHaveLength(3);
  expect(at[1]).toBeLessThan(60);
  expect((at[2] ?? 0) - (at[1] ?? 0)).toBeGreaterThan(95);
});

test('what a batch throws, each of its calls throws; the next one is carried out all the same', async () => {
  const call = createBatch(async (inputs: number[]) => {
    if (inputs.includes(1)) throw new Error('down');
    return inputs;
  });
  const failed = [call(1), call(2)];
  await expect(Promise.allSettled(failed)).resolves.toMatchObject([
    { status: 'rejected' },
    { status: 'rejected' },
  ]);
  expect(await call(3)).toBe(3);
});
