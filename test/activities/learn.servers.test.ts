import { learnFromRun } from '../../activities/learn.ts';
import type { RunState } from '../../domain/run.ts';
import {
  counters,
  estimate,
  logRow,
  newRun,
  newStore,
  type OpenedStore,
  ORG,
  racing,
  trues,
} from '../store/database.ts';

let opened: OpenedStore;
beforeAll(async () => {
  opened = await newStore();
});
afterAll(() => opened.close());

const NOW = new Date('2026-05-01T12:00:00Z');
const BEFORE = new Date('2026-05-01T10:00:00Z');
const learn = (runId: string, round = 1) =>
  learnFromRun({ store: opened.store, now: () => NOW }, { org: ORG, runId, round });

/** A run with its estimate, counters and state as its workflow leaves them. */
async function runThatEnded(state: RunState, more: { cost?: number; spent?: number; made?: Date } = {}) {
  const { runs } = opened.store;
  const { _id } = await newRun(opened);
  const band = { p50: 100, p90: 200 };
  const made = { at: more.made ?? BEFORE, spentNanoUsd: more.spent ?? 0 };
  await runs.setEstimate(ORG, _id, { ...estimate, costNanoUsd: band, made });
  await runs.setCounters(ORG, _id, counters({ total: 2, costNanoUsd: more.cost ?? 150 }));
  await runs.move(ORG, _id, { state }, 1);
  return _id;
}

const row = (run: string, seq: number, more: object = {}) =>
  logRow(run, seq, { expectedTokens: 50, completionTokens: 100, at: NOW, ...more });
const taughtBy = async () => (await opened.store.calibrations.of(ORG, 'documentation', 'm')).get('summary');

test('a completed run is compared with its estimate, and its results teach, once', async () => {
  const run = await runThatEnded('completed');
  for (const seq of [0, 1, 2]) await opened.store.generationLogs.store(row(run, seq));
  await opened.store.generationLogs.store(row(run, 3, { status: 'failed', calls: 2 }));
  expect(await racing(6, () => learn(run)).then(trues)).toBe(1);
  expect(await learn(run)).toBe(false);
  expect(await taughtBy()).toMatchObject({
    count: 3,
    ratios: [2, 2, 2],
    runs: [{ meanRatio: 2, samples: 3, steps: 4, calls: 5 }],
  });
  const [variance] = await opened.store.estimates.since(ORG, undefined, NOW);
  expect(variance).toEqual({
    kind: 'documentation',
    model: 'm',
    basis: 'cold',
    estimateNanoUsd: { p50: 100, p90: 200 },
    actualNanoUsd: 150,
    errorPercent: 50,
    inBand: true,
    at: NOW,
  });
});

test('a run with failed objects teaches too: they have cost what they have cost', async () => {
  expect(await learn(await runThatEnded('completed_with_errors'))).toBe(true);
});

test.each(['failed', 'cancelled', 'rejected'] as const)('a run that is %s teaches nothing', async (state) => {
  const run = await runThatEnded(state);
  expect(await learn(run)).toBe(false);
  expect(await opened.store.estimates.hasLearned(ORG, run, 1)).toBe(false);
});

test('of a later round only what was spent and done in it counts', async () => {
  const run = await runThatEnded('failed');
  await opened.store.generationLogs.store(row(run, 0, { layer: 'columns', at: BEFORE }));
  await opened.store.runs.openRound(ORG, run, 1);
  const made = { at: new Date('2026-05-01T11:00:00Z'), spentNanoUsd: 150 };
  await opened.store.runs.setEstimate(ORG, run, { ...estimate, costNanoUsd: { p50: 10, p90: 20 }, made });
  await opened.store.generationLogs.store(row(run, 1, { layer: 'columns', completionTokens: 300 }));
  await opened.store.runs.setCounters(ORG, run, counters({ costNanoUsd: 165 }));
  expect(await learn(run, 1)).toBe(false);
  expect(await learn(run, 2)).toBe(true);
  const known = await opened.store.calibrations.of(ORG, 'documentation', 'm');
  expect(known.get('columns')?.ratios).toEqual([6]);
  const all = await opened.store.estimates.since(ORG, undefined, NOW);
  expect(all.map(({ actualNanoUsd, inBand }) => [actualNanoUsd, inBand])).toContainEqual([15, true]);
});

test('a run without an estimate, or that is not there, teaches nothing', async () => {
  const { _id } = await newRun(opened);
  expect(await learn(_id)).toBe(false);
  expect(await learn('no-such-run')).toBe(false);
});

test('thousands of results are read in batches, and all count', async () => {
  const run = await runThatEnded('completed');
  await Promise.all(
    Array.from({ length: 1_203 }, (_, seq) =>
      opened.store.generationLogs.store(row(run, seq, { layer: 'lineage', completionTokens: 50 })),
    ),
  );
  expect(await learn(run)).toBe(true);
  const known = (await opened.store.calibrations.of(ORG, 'documentation', 'm')).get('lineage');
  expect(known).toMatchObject({ count: 1_203, runs: [{ samples: 1_203, meanRatio: 1 }] });
  expect(known?.ratios).toHaveLength(50);
});
