import { setTimeout as sleep } from 'node:timers/promises';
import type { CounterDelta } from '../../store/runs.ts';
import { createProgressBoard } from '../../worker/progress-board.ts';

/** A database whose writes take a while, and fail when told so. */
function slowCounters(failing: number[] = []) {
  const writes: { runId: string; delta: CounterDelta }[] = [];
  let calls = 0;
  const board = createProgressBoard(async (_org, runId, delta) => {
    calls += 1;
    const nth = calls;
    await sleep(20);
    if (failing.includes(nth)) throw new Error('the database is down');
    writes.push({ runId, delta });
  });
  return { ...board, writes };
}

const of = (runId: string) => ({ org: 'default', runId });

test('while others are under way a report does not wait, and is stored with theirs later', async () => {
  const { count, enter, writes } = slowCounters();
  enter('a');
  await count(of('a'), { done: 1, inputTokens: 5 });
  await sleep(50);
  await Promise.all(Array.from({ length: 10 }, () => count(of('a'), { done: 1, failed: 2 })));
  expect(writes).toEqual([]);
  await sleep(300);
  expect(writes.map(({ delta }) => delta)).toEqual([{ done: 11, inputTokens: 5, failed: 20 }]);
});

test('the last attempt under way ends once everything is stored, also what others reported', async () => {
  const { count, enter, writes } = slowCounters();
  const [first, second] = [enter('a'), enter('a')];
  await count(of('a'), { done: 1 });
  await first();
  expect(writes).toEqual([]);
  await second();
  expect(writes).toEqual([{ runId: 'a', delta: { done: 1 } }]);
});

test('the last attempt waits for a write that is under way', async () => {
  const { count, enter, writes } = slowCounters();
  const leave = enter('a');
  await count(of('a'), { done: 1 });
  await sleep(205);
  await count(of('a'), { done: 2 });
  await leave();
  expect(writes.map(({ delta }) => delta)).toEqual([{ done: 1 }, { done: 2 }]);
});

test('a report is stored at once where no attempt is under way', async () => {
  const { count, writes } = slowCounters();
  await count(of('a'), { failed: -1 });
  expect(writes).toEqual([{ runId: 'a', delta: { failed: -1 } }]);
});

test('runs do not wait for each other, and do not mix', async () => {
  const { count, enter, writes } = slowCounters();
  const [a, b] = [enter('a'), enter('b')];
  await Promise.all([count(of('a'), { done: 1 }), count(of('b'), { done: 2 })]);
  await a();
  expect(writes).toEqual([{ runId: 'a', delta: { done: 1 } }]);
  await b();
  expect(writes).toEqual([
    { runId: 'a', delta: { done: 1 } },
    { runId: 'b', delta: { done: 2 } },
  ]);
});

test('a write that failed is told to the last attempt, and later ones are made all the same', async () => {
  const { count, enter, writes } = slowCounters([1]);
  const leave = enter('a');
  await count(of('a'), { done: 1 });
  await sleep(250);
  await count(of('a'), { done: 2 });
  await expect(leave()).rejects.toThrow('down');
  expect(writes).toEqual([{ runId: 'a', delta: { done: 2 } }]);
  const again = enter('a');
  await count(of('a'), { done: 3 });
  await again();
  expect(writes.at(-1)).toEqual({ runId: 'a', delta: { done: 3 } });
});
