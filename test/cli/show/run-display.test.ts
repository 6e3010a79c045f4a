import type { Run } from '../../../cli/client/client.ts';
import { createOutput } from '../../../cli/show/output.ts';
import { barLine, elapsedOf, shownState } from '../../../cli/show/run-display.ts';

const output = createOutput({ stdout: process.stdout, stderr: process.stderr }, false, { NO_COLOR: '1' });

function runOf(changes: Omit<Partial<Run>, 'progress'> & { progress?: Partial<Run['progress']> } = {}): Run {
  const { progress, ...rest } = changes;
  return {
    id: 'r1',
    kind: 'documentation',
    state: 'running',
    waitReason: null,
    waitingSince: null,
    waitingUntil: null,
    pausedAt: null,
    parked: false,
    batch: null,
    externalId: null,
    archivedAt: null,
    message: '',
    round: 1,
    triggeredBy: { id: 'k' },
    schedule: null,
    input: {},
    options: {
      concurrency: 4,
      maxRetries: 3,
      skipExisting: false,
      regenerateAll: false,
      model: 'offline',
      priority: 5,
    },
    scope: {},
    waitBudget: null,
    approval: null,
    bypass: null,
    averageItemMs: 0,
    tokens: { input: 0, output: 0 },
    calls: 0,
    cost: { estimatedUsd: null, estimateHash: null, heldUsd: 0, actualUsd: 0.0042, maxUsd: null },
    errorLog: { count: 0, errors: [] },
    failure: null,
    createdAt: '2026-03-04T10:00:00Z',
    startedAt: '2026-03-04T10:00:05Z',
    endedAt: null,
    temporalUrl: null,
    ...rest,
    progress: {
      total: 69,
      processed: 31,
      done: 31,
      failed: 2,
      reused: 0,
      percent: 47.8,
      successRate: 0.94,
      current: 'stg_orders',
      itemsPerSecond: 12.34,
      etaSeconds: { p50: 3, p90: 5 },
      estimatedCompletionAt: null,
      ...progress,
    },
  };
}

test('one line holds done and total, failures, rate, time left, cost and the current object', () => {
  const line = barLine(runOf(), output, 200);
  expect(line).toContain(' 47%  33/69  2 failed  12/s  3 s – 5 s left  $0.0042  stg_orders');
  expect(line).toMatch(/^█{11}░{13} /);
});

test('the line never leaves the terminal', () => {
  const run = runOf({ progress: { current: 'a_very_long_name'.repeat(20) } });
  for (const width of [40, 80, 120])
    expect([...barLine(run, output, width)].length).toBeLessThanOrEqual(width);
});

test('a run that is not planned yet is no run that is done', () => {
  const planned = {
    total: 0,
    processed: 0,
    done: 0,
    failed: 0,
    percent: 100,
    etaSeconds: null,
    itemsPerSecond: 0,
  };
  const line = barLine(runOf({ state: 'planning', progress: planned }), output, 200);
  expect(line).toMatch(/^░{24} 0%/);
});

test('a waiting run says why and since when', () => {
  const run = runOf({ state: 'waiting', waitReason: 'rate_limit', waitingSince: '2020-03-04T10:00:00Z' });
  expect(shownState(run)).toMatch(/^waiting \(rate limit since 2020-03-0\d \d\d:00\)$/);
});

test('time runs from the start to the end, or to now', () => {
  expect(elapsedOf(runOf({ endedAt: '2026-03-04T10:01:10Z' }))).toBe('1 min 05 s');
  expect(elapsedOf(runOf(), Date.parse('2026-03-04T10:00:08Z'))).toBe('3 s');
  expect(elapsedOf(runOf({ startedAt: null }))).toBe('–');
});
