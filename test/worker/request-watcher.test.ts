import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '../../config/logger.ts';
import type { RunState } from '../../domain/run.ts';
import { createRequestWatcher } from '../../worker/request-watcher.ts';

const logger = createLogger('test', 'silent');
const nothingAsked = { pauseRequested: false, cancelRequested: false, state: 'running' as RunState };
const watchers: { stop(): void }[] = [];
afterEach(() => {
  for (const watcher of watchers.splice(0)) watcher.stop();
});

/** A watcher over flags that a test may change; counts how often they are read. */
function watcherOver(flags: Record<string, typeof nothingAsked>) {
  const reads: string[][] = [];
  const { watch, stop } = createRequestWatcher(async (ids) => {
    reads.push(ids);
    return ids.flatMap((_id) => (flags[_id] === undefined ? [] : [{ _id, ...flags[_id] }]));
  }, logger);
  watchers.push({ stop });
  return { watch, reads };
}

test('attempts learn within a second that their own run is to be cancelled', async () => {
  const flags = { a: { ...nothingAsked }, b: { ...nothingAsked } };
  const { watch } = watcherOver(flags);
  const [first, second, other] = [watch('a'), watch('a'), watch('b')];
  flags.a.cancelRequested = true;
  await sleep(900);
  expect([first, second, other].map(({ cancelled }) => cancelled.aborted)).toEqual([true, true, false]);
});

test('an attempt of the next round does not take over the cancel of the round before', async () => {
  const flags = { a: { ...nothingAsked, cancelRequested: true } };
  const { watch } = watcherOver(flags);
  const ending = watch('a');
  await sleep(600);
  flags.a.cancelRequested = false;
  const next = watch('a');
  expect([ending.cancelled.aborted, next.cancelled.aborted]).toEqual([true, false]);
  await ending.close();
  await sleep(600);
  expect(next.cancelled.aborted).toBe(false);
  flags.a.cancelRequested = true;
  await sleep(600);
  expect(next.cancelled.aborted).toBe(true);
});

test('a pause shows and goes away again; a run that has ended aborts whatever is left of it', async () => {
  const flags = { a: { ...nothingAsked } };
  const { watch } = watcherOver(flags);
  const attempt = watch('a');
  flags.a.pauseRequested = true;
  await sleep(600);
  expect(attempt.pauseRequested()).toBe(true);
  flags.a.pauseRequested = false;
  await sleep(600);
  expect(attempt.pauseRequested()).toBe(false);
  flags.a.state = 'failed';
  await sleep(600);
  expect(attempt.cancelled.aborted).toBe(true);
});

test('all runs are read in one query, and none where no attempt is at work', async () => {
  const { watch, reads } = watcherOver({ a: nothingAsked, b: nothingAsked });
  await sleep(600);
  expect(reads).toEqual([]);
  const attempts = [watch('a'), watch('b'), watch('b')];
  await sleep(600);
  for (const attempt of attempts) await attempt.close();
  await sleep(600);
  expect(reads).toEqual([['a', 'b']]);
});
