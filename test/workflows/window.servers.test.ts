import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { LATER_LIMIT, PAGE_SIZE } from '../../domain/run.ts';
import {
  pauseSignal,
  resumeSignal,
  retryFailedUpdate,
  setConcurrencyUpdate,
} from '../../workflows/messages.ts';
import { gate, startScripted } from './scripted-run.ts';

type Scripted = Awaited<ReturnType<typeof startScripted>>;
const running: Scripted[] = [];

async function start(...args: Parameters<typeof startScripted>): Promise<Scripted> {
  const run = await startScripted(...args);
  running.push(run);
  return run;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((run) => run.stop()));
});

const done = { outcome: 'done' } as const;
const failed = { outcome: 'failed', fingerprint: 'x', attempts: 1 } as const;
const flat = (count: number) => Array.from({ length: count }, () => []);
/** @throws Error after 20 seconds. */
async function until(condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 20_000; !condition(); await sleep(20))
    if (Date.now() > deadline) throw new Error('what the test waits for did not come');
}

const statesOf = ({ record }: Scripted) => record.moves.flatMap(({ state }) => state ?? []);

test('an object starts when its parents have ended, never more at a time than may be', async () => {
  const parents = Array.from({ length: 40 }, (_, seq) =>
    seq < 12 ? [] : [(seq * 7) % seq, (seq * 5) % seq].filter((parent) => parent % 3 !== 0),
  );
  const endedBefore: boolean[] = [];
  const run = await start(
    parents,
    async (seq) => {
      const { items } = run.record;
      endedBefore.push((parents[seq] ?? []).every((parent) => items[parent]?.state !== 'open'));
      // The first fill the window; the others end in any order.
      if (seq < 6) await until(() => run.record.started.length >= 6);
      else await sleep((seq * 13) % 30);
      return seq % 9 === 5 ? failed : done;
    },
    { concurrency: 6 },
  );
  await run.handle.result();
  expect(endedBefore).toEqual(Array(40).fill(true));
  expect(run.record.mostUnderWay).toBe(6);
  expect([...run.record.ended].sort((left, right) => left - right)).toEqual(parents.map((_, seq) => seq));
  expect(statesOf(run)).toEqual(['planning', 'estimating', 'running', 'completed_with_errors']);
});

test('with a concurrency of one objects go one after another, in the order of the plan', async () => {
  const run = await start(flat(12), () => done, { concurrency: 1 });
  await run.handle.result();
  expect([run.record.mostUnderWay, run.record.started]).toEqual([1, flat(12).map((_, seq) => seq)]);
});

test('a stop that is reported after the pause was taken back does not pause the run', async () => {
  const late = gate();
  const run = await start(
    flat(6),
    async (seq, attempt) => {
      if (seq !== 0 || attempt > 1) return done;
      await late.pass();
      return { outcome: 'stopped', why: 'pause' };
    },
    { concurrency: 2 },
  );
  await late.reached;
  await run.handle.signal(pauseSignal);
  await run.handle.signal(resumeSignal);
  // The answer of an update says that the workflow has seen the signals before it.
  await run.handle.executeUpdate(setConcurrencyUpdate, { args: [3] });
  late.open();
  await run.handle.result();
  expect(run.record.items.map(({ attempts }) => attempts)).toEqual([2, 1, 1, 1, 1, 1]);
  expect(statesOf(run)).not.toContain('paused');
});

test('a stop that is reported before the pause has come pauses the run', async () => {
  const run = await start(flat(4), async (seq, attempt) =>
    seq === 0 && attempt === 1 ? { outcome: 'stopped', why: 'pause' } : done,
  );
  await until(() => statesOf(run).includes('paused'));
  await run.handle.signal(pauseSignal);
  await sleep(100);
  expect(run.record.items[0]?.state).toBe('open');
  await run.handle.signal(resumeSignal);
  await run.handle.result();
  expect(statesOf(run)).toEqual(['planning', 'estimating', 'running', 'paused', 'running', 'completed']);
});

test('a pause that comes while one page is left for the next holds in the next', async () => {
  const leaving = gate();
  const run = await start(flat(PAGE_SIZE + 5), () => done, {
    concurrency: 64,
    hooks: { moveState: async ({ state }: { state?: string }) => (state ? undefined : leaving.pass()) },
  });
  await leaving.reached;
  await run.handle.signal(pauseSignal);
  leaving.open();
  await until(() => statesOf(run).includes('paused'));
  expect(run.record.ended).toHaveLength(PAGE_SIZE);
  expect(run.record.started).toHaveLength(PAGE_SIZE);
  await run.handle.signal(resumeSignal);
  await run.handle.result();
  expect(run.record.ended).toHaveLength(PAGE_SIZE + 5);
}, 90_000);

test('an object that must wait leaves its slot, its children wait, it comes back in time', async () => {
  const until = Date.now() + 3_000;
  const beganAt: number[] = [];
  const run = await start([[], [0], [], [2]], async (seq, attempt) => {
    beganAt[seq] = Date.now();
    return seq === 0 && attempt === 1 ? { outcome: 'later', at: until } : done;
  });
  await run.handle.result();
  expect(run.record.started).toEqual([0, 2, 3, 0, 1]);
  expect(beganAt[0]).toBeGreaterThanOrEqual(until);
  const wait = run.record.moves.find(({ state }) => state === 'waiting');
  expect(wait).toEqual({ state: 'waiting', waitReason: 'rate_limit', waitingUntil: until });
});

test('when too many objects wait for later none is started, and all are done in the end', async () => {
  const time = Date.now() + 6_000;
  const run = await start(
    flat(LATER_LIMIT + 80),
    () => (Date.now() < time ? { outcome: 'later', at: time } : done),
    { concurrency: 8 },
  );
  await until(() => statesOf(run).includes('waiting'));
  expect(run.record.started.length).toBeLessThan(LATER_LIMIT + 8);
  await run.handle.result();
  expect(run.record.ended).toHaveLength(LATER_LIMIT + 80);
}, 90_000);

test('a fatal error ends the run once what is under way has ended, and nothing starts any more', async () => {
  const slow = gate();
  const run = await start(
    flat(20),
    async (seq) => {
      if (seq === 0) await slow.pass();
      if (seq === 1) throw ApplicationFailure.nonRetryable('no key', 'llm_key_missing');
      return done;
    },
    { concurrency: 2 },
  );
  await slow.reached;
  await sleep(300);
  expect(statesOf(run)).not.toContain('failed');
  slow.open();
  await expect(run.handle.result()).rejects.toThrow();
  expect(run.record.started.length).toBeLessThanOrEqual(3);
  expect(run.record.moves.at(-1)).toMatchObject({ state: 'failed', failure: { code: 'llm_key_missing' } });
});

test('a retry that comes when the run has begun to end is refused instead of forgotten', async () => {
  const lastLook = gate();
  let looks = 0;
  const run = await start(flat(3), (seq, attempt) => (seq === 1 && attempt === 1 ? failed : done), {
    hooks: {
      loadPage: async ({ afterSeq }: { afterSeq: number }) => {
        if (afterSeq === -1) looks += 1;
      },
      // The look from the beginning is the second; after it the run counts for a last time.
      recount: async () => {
        if (looks === 2) await lastLook.pass();
      },
    },
  });
  await lastLook.reached;
  await expect(run.handle.executeUpdate(retryFailedUpdate, { args: [''] })).rejects.toThrow();
  lastLook.open();
  await run.handle.result();
  expect(run.record.items.map(({ state }) => state)).toEqual(['done', 'failed', 'done']);
  expect(statesOf(run).at(-1)).toBe('completed_with_errors');
});

test('a retry that is answered is carried out, however late it came', async () => {
  const looking = gate();
  let looks = 0;
  const run = await start(flat(3), (seq, attempt) => (seq === 1 && attempt === 1 ? failed : done), {
    hooks: {
      loadPage: async ({ afterSeq }: { afterSeq: number }) => {
        if (afterSeq !== -1) return;
        looks += 1;
        if (looks === 2) await looking.pass();
      },
    },
  });
  await looking.reached;
  expect(await run.handle.executeUpdate(retryFailedUpdate, { args: [''] })).toBe(1);
  looking.open();
  await run.handle.result();
  expect(run.record.items.map(({ state, attempts }) => [state, attempts])).toEqual([
    ['done', 1],
    ['done', 2],
    ['done', 1],
  ]);
  expect(statesOf(run).at(-1)).toBe('completed');
});
