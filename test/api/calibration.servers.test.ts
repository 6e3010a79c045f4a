import { type Bursar, startBursar } from '../support/bursar.ts';
import { clientOf, type ErrorBody, type OpenStore, openStore } from './second-organization.ts';

let bursar: Bursar;
let opened: OpenStore;
beforeAll(async () => {
  bursar = await startBursar({ workers: 0 });
  opened = await openStore(bursar);
});
afterAll(async () => {
  await opened.close();
  await bursar.stop();
});

interface CostModel {
  version: number;
  state: string;
  weights: Record<string, number>;
  components: Record<string, number>;
  appliedBy: string | null;
  calibration: Record<string, unknown> | null;
}
interface Report {
  accuracy: number | null;
  drift: number | null;
  sampleCount: number;
  recommendedAction: string;
  modelVersion: number;
}
type Client = Bursar['client'];
const versionsOf = async (client: Client) =>
  (await client.get<{ costModels: CostModel[] }>('/cost-models')).costModels;
const reportOf = (client: Client) => client.get<Report>('/benchmarks/report');
const fieldOf = async (client: Client, path: string, body: unknown) => {
  const answer = await client.send<ErrorBody>('POST', path, body);
  return [answer.status, answer.body.error?.details?.[0]?.field];
};

describe('cost models', () => {
  test('begin with the default as version 1, applied', async () => {
    const client = await clientOf(bursar, opened, 'begin', 'viewer');
    expect(await versionsOf(client)).toEqual([
      expect.objectContaining({
        version: 1,
        state: 'applied',
        weights: {
          cpuSecond: 0.0001,
          memoryMbSecond: 0.000_01,
          payloadKb: 0.000_02,
          redisOperation: 0.000_001,
          networkMb: 0.01,
          base: 0.001,
        },
        components: {},
        environments: { production: 2, staging: 0.5 },
        defaultMultiplier: 1,
        calibration: null,
      }),
    ]);
  });

  test('are proposed, change nothing until they are applied, and price every job after that', async () => {
    const client = await clientOf(bursar, opened, 'change', 'admin');
    const asked = { jobType: 'x', cpuTime: 10, payloadKb: 0 };
    const estimate = (more: object = {}) =>
      client.post<{ totalCostUsd: number; modelVersion: number }>('/costs/estimate', { ...asked, ...more });
    const proposal = {
      weights: { cpuSecond: 0.5 },
      components: { gpuSecond: 2 },
      environments: { night: 0.1 },
    };
    const { status, body } = await client.send<CostModel>('POST', '/cost-models', proposal);
    expect([status, body]).toMatchObject([201, { version: 2, state: 'proposed', appliedBy: null }]);
    expect(body.weights).toMatchObject({ cpuSecond: 0.5, base: 0.001 });
    expect(await estimate()).toMatchObject({ totalCostUsd: 0.002, modelVersion: 1 });
    const applied = await client.post<CostModel>('/cost-models/2/apply');
    expect(applied).toMatchObject({ version: 2, state: 'applied', appliedBy: 'key_change_admin' });
    expect(await client.post('/cost-models/2/apply')).toEqual(applied);
    expect(await estimate()).toMatchObject({ totalCostUsd: 5.001, modelVersion: 2 });
    expect(await estimate({ components: { gpuSecond: 1.5 }, environment: 'night' })).toMatchObject({
      totalCostUsd: 0.8001,
      breakdown: { gpuSecond: 0.3 },
    });
    expect((await versionsOf(client)).map(({ version, state }) => [version, state])).toEqual([
      [2, 'applied'],
      [1, 'superseded'],
    ]);
    expect((await client.send('POST', '/cost-models/1/apply')).status).toBe(409);
    expect((await client.send('POST', '/cost-models/9/apply')).status).toBe(404);
    expect((await client.send('POST', '/cost-models/x/apply')).status).toBe(400);
  });

  test('refuse weights that are none, and names that mean something else, naming the field', async () => {
    const client = await clientOf(bursar, opened, 'wrong', 'admin');
    for (const [field, body] of [
      ['weights.cpuSecond', { weights: { cpuSecond: -0.1 } }],
      ['weights.cpuSecond', { weights: { cpuSecond: 1e16 } }],
      ['weights.cpuSeconds', { weights: { cpuSeconds: 1 } }],
      ['components.cpu', { components: { cpu: 1 } }],
      ['components.gpu second', { components: { 'gpu second': 1 } }],
      ['components.gpu', { components: { gpu: -1 } }],
      ['environments.$x', { environments: { $x: 1 } }],
      ['environments.night', { environments: { night: -1 } }],
      ['defaultMultiplier', { defaultMultiplier: 'twice' }],
      ['version', { version: 7, weights: {} }],
      ['', {}],
    ] as const)
      expect([body, await fieldOf(client, '/cost-models', body)]).toEqual([body, [400, field]]);
    expect(await versionsOf(client)).toHaveLength(1);
  });
});

/** Benchmarks of a machine whose CPU costs three times what the default model says. */
const benchmark = (at: number, more: object = {}) => {
  const metrics = {
    cpuTime: 10 + ((at * 37) % 50),
    memoryMbSeconds: (at * 911) % 5000,
    payloadBytes: (at * 12_345) % 100_000,
    redisOps: (at * 77) % 1000,
    networkBytes: (at * 99_991) % 1_000_000,
  };
  const actualCost =
    metrics.cpuTime * 0.0003 +
    metrics.memoryMbSeconds * 0.000_01 +
    (metrics.payloadBytes / 1024) * 0.000_02 +
    metrics.redisOps * 0.000_001 +
    (metrics.networkBytes / 1_048_576) * 0.01 +
    0.001;
  const timestamp = new Date(Date.UTC(2026, 0, 1, 0, at)).toISOString();
  return { jobType: 'report', ...metrics, actualCost, timestamp, ...more };
};
const benchmarks = (count: number) => ({
  benchmarks: Array.from({ length: count }, (_, at) => benchmark(at)),
});

describe('benchmarks', () => {
  test('are kept with the cost that the model calculates, once however often they come', async () => {
    const client = await clientOf(bursar, opened, 'kept', 'operator');
    const given = { cpuTime: 10, memoryMbSeconds: 100, payloadBytes: 0, redisOps: 0, networkBytes: 0 };
    const body = { jobType: 'mail', ...given, actualCost: 0.004, timestamp: '2026-01-01T00:00:00Z' };
    const first = await client.post<{ id: string }>('/benchmarks', body);
    expect(first).toEqual({
      id: expect.stringMatching(/^bmk_/),
      jobType: 'mail',
      ...given,
      actualCost: 0.004,
      calculatedCost: 0.003,
      infrastructureCost: null,
      environment: null,
      modelVersion: 1,
      timestamp: '2026-01-01T00:00:00.000Z',
      outcome: 'inserted',
    });
    expect(await client.post('/benchmarks', body)).toEqual({ ...first, outcome: 'unchanged' });
    const more = { calculatedCost: 0.0035, infrastructureCost: 0.001, environment: 'production' };
    const both = await client.post<{ benchmarks: object[] }>('/benchmarks', {
      benchmarks: [{ ...body, ...more }, body, { ...body, jobType: 'report' }],
    });
    expect(both.benchmarks).toMatchObject([
      { ...more, outcome: 'inserted' },
      { outcome: 'unchanged' },
      { jobType: 'report', outcome: 'inserted' },
    ]);
    expect(await client.get('/benchmarks?jobType=mail')).toMatchObject({ total: 2, has_more: false });
    expect(await client.get('/benchmarks')).toMatchObject({ total: 3 });
    expect(await client.get('/benchmarks/report?jobType=mail')).toMatchObject({ sampleCount: 2 });
    const stranger = await clientOf(bursar, opened, 'kept-not', 'viewer');
    expect(await stranger.get('/benchmarks')).toEqual({ benchmarks: [], total: 0, has_more: false });
  });

  test('are refused with the field named where they are none, and none of a batch is kept', async () => {
    const client = await clientOf(bursar, opened, 'refused', 'operator');
    for (const [field, more] of [
      ['actualCost', { actualCost: -1 }],
      ['actualCost', { actualCost: 1e16 }],
      ['calculatedCost', { calculatedCost: 'x' }],
      ['timestamp', { timestamp: undefined }],
      ['timestamp', { timestamp: '2999-01-01T00:00:00Z' }],
      ['redisOps', { redisOps: -1 }],
      ['components.gpu', { components: { gpu: 1 }, calculatedCost: 1 }],
      ['actual', { actual: 1 }],
    ] as const) {
      expect([more, await fieldOf(client, '/benchmarks', benchmark(1, more))]).toEqual([more, [400, field]]);
      const batch = { benchmarks: [benchmark(0), benchmark(1, more)] };
      expect([more, await fieldOf(client, '/benchmarks', batch)]).toEqual([
        more,
        [400, `benchmarks.1.${field}`],
      ]);
    }
    expect(await client.get('/benchmarks')).toMatchObject({ total: 0 });
  });
});

describe('a calibration', () => {
  test('is refused at ten benchmarks, and says how many there are', async () => {
    const client = await clientOf(bursar, opened, 'ten', 'admin');
    await client.post('/benchmarks', benchmarks(10));
    expect(await reportOf(client)).toMatchObject({
      sampleCount: 10,
      recommendedAction: 'collect_benchmarks',
    });
    const { status, body } = await client.send<ErrorBody>('POST', '/benchmarks/calibrate');
    expect([status, body.error.code, body.error.message]).toEqual([
      409,
      'conflict',
      'a calibration needs more than 10 benchmarks; there are 10',
    ]);
    await client.post('/benchmarks', benchmark(10));
    const eleventh = await client.send<CostModel>('POST', '/benchmarks/calibrate');
    expect([eleventh.status, eleventh.body.calibration]).toMatchObject([
      201,
      { from: 1, sampleCount: 11, heldOut: false },
    ]);
  });

  test('is recommended, proposes the weights behind the costs, and once applied is kept', async () => {
    const client = await clientOf(bursar, opened, 'fit', 'admin');
    await client.post('/benchmarks', benchmarks(60));
    const before = await reportOf(client);
    expect(before).toMatchObject({ sampleCount: 60, recommendedAction: 'calibrate', modelVersion: 1 });
    expect([before.accuracy! < 0.9, before.drift! < -0.1]).toEqual([true, true]);
    const proposal = await client.post<CostModel>('/benchmarks/calibrate');
    expect(proposal).toMatchObject({
      version: 2,
      state: 'proposed',
      calibration: { heldOut: true, kept: [] },
    });
    expect(proposal.weights.cpuSecond).toBeCloseTo(0.0003, 8);
    expect(proposal.weights.networkMb).toBeCloseTo(0.01, 6);
    expect(proposal.calibration?.accuracyBefore).toBeCloseTo(before.accuracy ?? 0, 6);
    expect(proposal.calibration?.accuracyAfter).toBeGreaterThan(0.999);
    expect(await reportOf(client)).toEqual(before);
    await client.post('/cost-models/2/apply');
    const after = await reportOf(client);
    expect(after).toMatchObject({ modelVersion: 2, recommendedAction: 'keep', sampleCount: 60 });
    expect(after.accuracy).toBeGreaterThan(0.999);
    expect(Math.abs(after.drift ?? 1)).toBeLessThan(0.001);
  });
});
