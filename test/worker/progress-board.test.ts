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
  return { board, writes };
}

const of = (runId: string) => ({ org: 'default', runId });

test('reports that come while a write is under way are stored together by the next one', async () => {
  const { board, writes } = slowCounters();
  const first = board(of('a'), { done: 1, inputTokens: 5 });
  await sleep(5);
  await Promise.all([first, ...Array.from({ length: 10 }, () => board(of('a'), { done: 1, failed: 2 }))]);
  expect(writes.map(({ delta }) => delta)).toEqual([
    { done: 1, inputTokens: 5 },
    { done: 10, failed: 20 },
  ]);
});

test('a report resolves once it is stored, not before', async () => {
  const { board, writes } = slowCounters();
  void board(of('a'), { done: 1 });
  await board(of('a'), { failed: 1 });
  const sum = writes.reduce((total, { delta }) => total + (delta.done ?? 0) + (delta.failed ?? 0), 0);
  expect(sum).toBe(2);
});

test('runs do not wait for each other, and do not mix', async () => {
  const { board, writes } = slowCounters();
  await Promise.all([board(of('a'), { done: 1 }), board(of('b'), { done: 2 })]);
  expect(writes).toEqual([
    { runId: 'a', delta: { done: 1 } },
    { runId: 'b', delta: { done: 2 } },
  ]);
});

test('a write that fails is told to those it was for, and the next one is made all the same', async () => {
  const { board, writes } = slowCounters([1]);
  const first = board(of('a'), { done: 1 });
  await sleep(5);
  const second = board(of('a'), { done: 1 });
  await expect(first).rejects.toThrow('down');
  await second;
  expect(writes).toEqual([{ runId: 'a', delta: { done: 1 } }]);
});
