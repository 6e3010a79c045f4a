import type { Benchmark } from '../../domain/costing/benchmark.ts';
import { DEFAULT_COST_MODEL } from '../../domain/costing/cost-model.ts';
import { newRun, newStore, type OpenedStore, racing } from './database.ts';

let opened: OpenedStore;
beforeAll(async () => {
  opened = await newStore();
});
afterAll(() => opened.close());

const { version: _version, ...TERMS } = DEFAULT_COST_MODEL;
const proposed = (org: string) => opened.store.costModels.propose(org, TERMS, 'key_1');
const states = async (org: string) => {
  const { rows } = await opened.store.costModels.list(org, { limit: 50 });
  return Object.fromEntries(rows.map(({ version, state }) => [version, state]));
};

test('what people decide about the money of a run stands in the audit log, once', async () => {
  const { runs, auditLog } = opened.store;
  const org = 'decided';
  const run = await newRun(opened, 'decided-run', org);
  const at = new Date();
  for (const _ of ['first', 'repeated']) await runs.approve(org, run._id, { hash: 'h', by: 'key_1', at });
  expect(await runs.setMoney(org, run._id, { event: 'run_limit', capNanoUsd: 7, by: 'key_2', at })).toBe(
    true,
  );
  expect(await runs.setMoney(org, run._id, { event: 'bypassed', reason: 'now', by: 'key_3', at })).toBe(true);
  await runs.model.updateOne({ org, _id: run._id }, { $set: { state: 'completed' } });
  expect(await runs.setMoney(org, run._id, { event: 'run_limit', capNanoUsd: 8, by: 'key_2', at })).toBe(
    false,
  );
  const { rows } = await auditLog.list(org, {}, { limit: 9 });
  const told = rows.map(({ event, by, subject, reason, details }) => ({
    event,
    by,
    subject,
    reason,
    details,
  }));
  const subject = run._id;
  expect(told.toSorted((a, b) => a.by.localeCompare(b.by))).toEqual([
    { event: 'run_approved', by: 'key_1', subject, details: { estimate: 'h' } },
    { event: 'run_limit', by: 'key_2', subject, details: { capNanoUsd: 7 } },
    { event: 'bypassed', by: 'key_3', subject, reason: 'now' },
  ]);
  expect(await runs.find(org, run._id)).toMatchObject({
    capNanoUsd: 7,
    bypass: { reason: 'now', by: 'key_3' },
  });
});

describe('cost models', () => {
  test('begin with the default model as version 1, however many ask at once', async () => {
    const found = await racing(20, () => opened.store.costModels.current('first'));
    for (const version of found) expect(version).toMatchObject({ ...DEFAULT_COST_MODEL, state: 'applied' });
    expect(await states('first')).toEqual({ 1: 'applied' });
    expect(await opened.store.costModels.model.countDocuments({ org: 'first' })).toBe(1);
  });

  test('number proposals one after the other, also those that come at once', async () => {
    const versions = (await racing(8, () => proposed('numbers'))).map(({ version }) => version);
    expect(versions.toSorted((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    expect((await opened.store.costModels.current('numbers')).version).toBe(1);
  });

  test('have exactly one version in force when many are applied at once, and say so', async () => {
    await racing(8, () => proposed('racers'));
    const outcomes = await racing(8, (at) => opened.store.costModels.apply('racers', at + 2, `key_${at}`));
    const won = outcomes.flatMap((each, at) => (each.outcome === 'applied' ? [at + 2] : []));
    expect(won.length).toBeGreaterThan(0);
    const after = await states('racers');
    const current = (await opened.store.costModels.current('racers')).version;
    expect(won).toContain(current);
    for (let version = 2; version <= 9; version += 1) {
      const expected = version === current ? 'applied' : won.includes(version) ? 'superseded' : 'proposed';
      expect([version, after[version]]).toEqual([version, expected]);
    }
    const places = await opened.store.costModels.model.distinct('appliedAs', { org: 'racers' });
    expect(places.toSorted()).toEqual([1, ...won.map((_, at) => at + 2)]);
  });

  test('are applied once by many who apply the same version, and all are told that it is', async () => {
    await proposed('same');
    const outcomes = await racing(8, (at) => opened.store.costModels.apply('same', 2, `key_${at}`));
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(Array(8).fill('applied'));
    const by = new Set(outcomes.map((each) => (each.outcome === 'applied' ? each.version.appliedBy : '')));
    expect([by.size, await states('same')]).toEqual([1, { 1: 'superseded', 2: 'applied' }]);
    const told = await opened.store.auditLog.list('same', { event: 'cost_model' }, { limit: 9 });
    expect(told.rows).toMatchObject([{ subject: '2', by: [...by][0], details: { applied: 2 } }]);
  });

  test('never come back once superseded, so that a request which comes late undoes nothing', async () => {
    const { costModels } = opened.store;
    await proposed('late');
    await proposed('late');
    expect((await costModels.apply('late', 2, 'key_1')).outcome).toBe('applied');
    expect((await costModels.apply('late', 3, 'key_1')).outcome).toBe('applied');
    expect((await costModels.apply('late', 2, 'key_1')).outcome).toBe('superseded');
    expect((await costModels.apply('late', 9, 'key_1')).outcome).toBe('missing');
    expect(await states('late')).toEqual({ 1: 'superseded', 2: 'superseded', 3: 'applied' });
  });
});

const benchmark = (id: string, more: Partial<Benchmark> = {}): Benchmark => ({
  id,
  jobType: 'report',
  metrics: {
    cpuTime: 1,
    memoryMbSeconds: 2,
    payloadBytes: 3,
    redisOps: 4,
    networkBytes: 5,
    components: { x: 1 },
  },
  actualCostNanoUsd: 10,
  calculatedCostNanoUsd: 9,
  modelVersion: 1,
  timestamp: new Date('2026-01-02T03:04:05Z'),
  ...more,
});

describe('benchmarks', () => {
  test('are kept as they were given, once for each id', async () => {
    const { benchmarks } = opened.store;
    const whole = benchmark('b1', { environment: 'production', infrastructureCostNanoUsd: 4 });
    expect(await benchmarks.add('kept', [whole, benchmark('b2')])).toEqual([true, true]);
    expect(await benchmarks.add('kept', [benchmark('b3'), { ...whole, actualCostNanoUsd: 99 }])).toEqual([
      true,
      false,
    ]);
    const { rows, total } = await benchmarks.list('kept', undefined, { limit: 10 });
    expect([total, rows.find(({ id }) => id === 'b1')]).toEqual([3, whole]);
    expect(rows.find(({ id }) => id === 'b2')).toEqual(benchmark('b2'));
  });

  test('come newest first, of all job types or of one, and of one organization alone', async () => {
    const { benchmarks } = opened.store;
    const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute));
    const rows = [3, 1, 2].map((minute) => benchmark(`t${minute}`, { timestamp: at(minute) }));
    await benchmarks.add('times', [...rows, benchmark('t4', { timestamp: at(4), jobType: 'mail' })]);
    const ids = async (jobType: string | undefined, limit: number) =>
      (await benchmarks.newest('times', jobType, limit)).map(({ id }) => id);
    expect(await ids(undefined, 3)).toEqual(['t4', 't3', 't2']);
    expect(await ids('report', 10)).toEqual(['t3', 't2', 't1']);
    expect(await benchmarks.newest('nobody', undefined, 10)).toEqual([]);
  });
});
