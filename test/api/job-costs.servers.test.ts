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

interface Cost {
  jobId: string;
  totalCostUsd: number;
  breakdown: Record<string, number>;
  modelVersion: number;
  outcome: string;
}
const send = <T = Cost>(path: string, body: unknown, headers = {}) =>
  bursar.client.send<T>('POST', path, body, headers);
const METRICS = {
  cpuTime: 15.2,
  memoryMbSeconds: 2048,
  payloadBytes: 51_200,
  redisOps: 25,
  networkBytes: 10_240,
};
const job = (jobId: string, more: object = {}) => ({
  jobId,
  queueName: 'reports',
  jobType: 'monthly',
  ...METRICS,
  ...more,
});
const entriesOf = (queue: string) =>
  opened.connection.collection('entries').find({ 'sc.queue': queue }).toArray();
const problemOf = async (path: string, body: unknown) => {
  const answer = await send<ErrorBody>(path, body);
  return [answer.status, answer.body.error?.details?.[0]?.field];
};

describe('POST /costs/jobs', () => {
  test('answers the cost that users know, with its parts, and posts it under its scope', async () => {
    const { status, body } = await send(
      '/costs/jobs',
      job('known', { team: 'data', user: 'ann', priority: 9 }),
    );
    expect([status, body]).toEqual([
      200,
      {
        jobId: 'known',
        totalCostUsd: 0.024_122_656,
        breakdown: {
          cpu: 0.001_52,
          memory: 0.020_48,
          payload: 0.001,
          redis: 0.000_025,
          network: 0.000_097_656,
          base: 0.001,
        },
        modelVersion: 1,
        outcome: 'inserted',
      },
    ]);
    const [entry] = await entriesOf('reports');
    expect(entry).toMatchObject({
      c: 24_122_656,
      sc: { queue: 'reports', kind: 'monthly', team: 'data', user: 'ann' },
      k: { cpu: 1_520_000, network: 97_656 },
    });
  });

  test('counts a job once however often it comes, and posts the difference of a changed one', async () => {
    const outcome = async (more: object) => (await send('/costs/jobs', job('again', more))).body.outcome;
    expect(await outcome({})).toBe('inserted');
    expect(await outcome({})).toBe('unchanged');
    expect(await outcome({ environment: 'production' })).toBe('corrected');
    expect(await outcome({ environment: 'production' })).toBe('unchanged');
    expect(await outcome({})).toBe('corrected');
  });

  test('takes many at once, and says of each what became of it', async () => {
    const first = await send<{ jobs: Cost[] }>('/costs/jobs', { jobs: [job('m1'), job('m2')] });
    expect(first.body.jobs.map(({ jobId, outcome }) => [jobId, outcome])).toEqual([
      ['m1', 'inserted'],
      ['m2', 'inserted'],
    ]);
    const jobs = Array.from({ length: 1_000 }, (_, at) => job(`m${at}`, { cpuTime: at === 1 ? 0 : 15.2 }));
    const second = await send<{ jobs: Cost[] }>('/costs/jobs', { jobs });
    expect(second.body.jobs.slice(0, 3).map(({ outcome }) => outcome)).toEqual([
      'inserted',
      'corrected',
      'unchanged',
    ]);
    expect(second.body.jobs.filter(({ outcome }) => outcome === 'inserted')).toHaveLength(998);
    expect(await problemOf('/costs/jobs', { jobs: [...jobs, job('one-more')] })).toEqual([400, 'jobs']);
  });

  test('dates a cost by the end of its job, whatever the time zone it is given in', async () => {
    const endedAt = '2025-12-31T23:30:00-02:00';
    await send(
      '/costs/jobs',
      job('dated', { queueName: 'dated', startedAt: '2025-12-31T22:00:00Z', endedAt }),
    );
    const [entry] = await entriesOf('dated');
    expect(entry).toMatchObject({ t: new Date('2026-01-01T01:30:00Z'), d: '2026-01-01' });
  });

  test('refuses what is wrong, names the field and its row, and posts nothing', async () => {
    const queueName = 'refused';
    const wrong: [string, object][] = [
      ['cpuTime', { cpuTime: -1 }],
      ['cpuTime', { cpuTime: 'many' }],
      ['cpuTime', { cpuTime: null }],
      ['memoryMbSeconds', { memoryMbSeconds: 1e16 }],
      ['jobId', { jobId: '' }],
      ['jobId', { jobId: 'a\u0000b' }],
      ['jobId', { jobId: '\ud800' }],
      ['queueName', { queueName: undefined }],
      ['priority', { priority: 11 }],
      ['endedAt', { endedAt: 'yesterday' }],
      ['endedAt', { endedAt: '2999-01-01T00:00:00Z' }],
      ['endedAt', { startedAt: '2026-01-02T00:00:00Z', endedAt: '2026-01-01T00:00:00Z' }],
      ['components.gpu', { components: { gpu: 1 } }],
      ['cputime', { cputime: 1 }],
    ];
    for (const [field, more] of wrong) {
      const bad = job('x', { queueName, ...more });
      expect([more, await problemOf('/costs/jobs', bad)]).toEqual([more, [400, field]]);
      const jobs = [job('y', { queueName }), bad];
      expect([more, await problemOf('/costs/jobs', { jobs })]).toEqual([more, [400, `jobs.1.${field}`]]);
    }
    const twice = { jobs: [job('x', { queueName }), job('z', { queueName }), job('x', { queueName })] };
    expect(await problemOf('/costs/jobs', twice)).toEqual([400, 'jobs.2.jobId']);
    expect(await problemOf('/costs/jobs', { jobs: [] })).toEqual([400, 'jobs']);
    expect(await problemOf('/costs/jobs', { jobs: [job('x')], more: 1 })).toEqual([400, 'more']);
    const dear = { cpuTime: 1e15, memoryMbSeconds: 1e15 };
    expect((await send<ErrorBody>('/costs/jobs', job('x', { queueName, ...dear }))).status).toBe(400);
    const row = await send<ErrorBody>('/costs/jobs', { jobs: [job('y', { queueName }), job('x', dear)] });
    expect(row.body.error.details).toEqual([
      { field: 'jobs.1', problem: expect.stringMatching(/9000000 USD/) },
    ]);
    for (const raw of ['{"cpuTime":NaN}', '{"cpuTime":1e999}']) {
      const headers = { 'content-type': 'application/json', 'x-api-key': bursar.key };
      const url = `${bursar.client.url}/api/v1/costs/jobs`;
      expect((await fetch(url, { method: 'POST', headers, body: raw })).status).toBe(400);
    }
    expect(await entriesOf(queueName)).toEqual([]);
  });

  test('keeps the jobs of two organizations apart, also under one id', async () => {
    const stranger = await clientOf(bursar, opened, 'strangers', 'operator');
    await send('/costs/jobs', job('shared'));
    expect((await stranger.send<Cost>('POST', '/costs/jobs', job('shared'))).body.outcome).toBe('inserted');
  });
});

describe('POST /costs/estimate', () => {
  test('answers what a job would cost, from the fields that users know', async () => {
    const { status, body } = await send('/costs/estimate', {
      jobType: 'monthly',
      cpuTime: 15.2,
      payloadKb: 50,
    });
    expect([status, body]).toEqual([
      200,
      {
        jobType: 'monthly',
        totalCostUsd: 0.003_52,
        breakdown: { cpu: 0.001_52, memory: 0, payload: 0.001, redis: 0, network: 0, base: 0.001 },
        modelVersion: 1,
      },
    ]);
  });

  test('agrees with what is posted for the same job, and posts nothing itself', async () => {
    const asked = { jobType: 'monthly', cpuTime: 15.2, memoryMbSeconds: 2048, payloadKb: 50, redisOps: 25 };
    const before = await opened.connection.collection('entries').countDocuments();
    const { body } = await send('/costs/estimate', {
      ...asked,
      networkMb: 10_240 / 1_048_576,
      environment: 'production',
    });
    expect(body.totalCostUsd).toBe(0.048_245_313);
    expect(await opened.connection.collection('entries').countDocuments()).toBe(before);
    expect(await problemOf('/costs/estimate', { ...asked, components: { gpu: 1 } })).toEqual([
      400,
      'components.gpu',
    ]);
  });
});
