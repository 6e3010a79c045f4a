import { randomBytes } from 'node:crypto';
import { newStore, type OpenedStore, ORG, racing, trues } from './database.ts';
import { lesson, ownPrice, variance } from './estimate-calls.ts';

let opened: OpenedStore;
beforeAll(async () => {
  opened = await newStore();
});
afterAll(() => opened.close());

const newModel = () => `offline/${randomBytes(4).toString('hex')}`;
const round = (run: string, number = 1) => ({ org: ORG, run, round: number });

describe('a round of a run', () => {
  test('teaches once, however often and at once it is told', async () => {
    const { estimates, calibrations } = opened.store;
    const model = newModel();
    const told = await racing(12, () =>
      estimates.learn(round('once'), variance({ model }), [lesson('summary'), lesson('columns')]),
    );
    expect(trues(told)).toBe(1);
    expect(await estimates.learn(round('once'), variance({ model }), [lesson()])).toBe(false);
    const known = await calibrations.of(ORG, 'documentation', model);
    expect([...known.values()]).toEqual(
      ['columns', 'summary'].map((step) => {
        const { ratios, step: _step, ...run } = lesson(step);
        return { step, count: 2, ratios, runs: [run] };
      }),
    );
    expect(await estimates.hasLearned(ORG, 'once', 1)).toBe(true);
    expect(await estimates.hasLearned(ORG, 'once', 2)).toBe(false);
    expect(await estimates.hasLearned('other', 'once', 1)).toBe(false);
  });

  test('of which a part cannot be stored has taught nothing, and may teach again', async () => {
    const { estimates, calibrations } = opened.store;
    const model = newModel();
    const broken = [lesson('summary'), lesson('columns', { ratios: 'no list' })];
    await expect(estimates.learn(round('broken'), variance({ model }), broken)).rejects.toThrow();
    expect(await estimates.hasLearned(ORG, 'broken', 1)).toBe(false);
    expect((await calibrations.of(ORG, 'documentation', model)).size).toBe(0);
    expect(await estimates.learn(round('broken'), variance({ model }), [lesson('summary')])).toBe(true);
    expect((await calibrations.of(ORG, 'documentation', model)).get('summary')?.count).toBe(2);
  });

  test('that ends together with others loses nothing of what they teach', async () => {
    const { estimates, calibrations } = opened.store;
    const model = newModel();
    const told = await racing(16, (index) =>
      estimates.learn(round(`many${index}`), variance({ model }), [lesson('summary')]),
    );
    expect(trues(told)).toBe(16);
    const known = (await calibrations.of(ORG, 'documentation', model)).get('summary');
    expect([known?.count, known?.ratios.length, known?.runs.length]).toEqual([32, 32, 16]);
  });
});

test('a calibration keeps the last 200 samples and the last 20 runs, and counts all', async () => {
  const { estimates, calibrations } = opened.store;
  const model = newModel();
  for (let run = 0; run < 25; run += 1) {
    const taught = lesson('summary', { ratios: Array(50).fill(run), samples: 900, meanRatio: run });
    await estimates.learn(round(`long${run}`), variance({ model }), [taught]);
  }
  const known = (await calibrations.of(ORG, 'documentation', model)).get('summary');
  expect(known?.count).toBe(25 * 900);
  expect(known?.ratios).toEqual([21, 22, 23, 24].flatMap((run) => Array(50).fill(run)));
  expect(known?.runs.map(({ meanRatio }) => meanRatio)).toEqual(
    Array.from({ length: 20 }, (_, at) => at + 5),
  );
});

test('calibrations are told apart by organization, kind and model', async () => {
  const { estimates, calibrations } = opened.store;
  const model = newModel();
  await estimates.learn(round('mine'), variance({ model }), [lesson()]);
  await estimates.learn({ ...round('theirs'), org: 'other' }, variance({ model }), [lesson(), lesson('x')]);
  await estimates.learn(round('kind'), variance({ model, kind: 'intelligence' }), [lesson('NB1')]);
  const stepsOf = async (org: string, kind: string) => [...(await calibrations.of(org, kind, model)).keys()];
  expect(await stepsOf(ORG, 'documentation')).toEqual(['summary']);
  expect((await stepsOf('other', 'documentation')).toSorted()).toEqual(['summary', 'x']);
  expect(await stepsOf(ORG, 'intelligence')).toEqual(['NB1']);
});

test('variances are read since a time, of one kind or all, and of one organization', async () => {
  const { estimates } = opened.store;
  const org = randomBytes(4).toString('hex');
  const day = (number: number) => new Date(`2026-03-0${number}T00:00:00Z`);
  const of = (run: string) => ({ org, run, round: 1 });
  for (const number of [1, 2, 3]) await estimates.learn(of(`v${number}`), variance({ at: day(number) }), []);
  await estimates.learn(of('v4'), variance({ at: day(4), kind: 'intelligence' }), []);
  const daysOf = async (...[kind, since]: [Parameters<typeof estimates.since>[1], Date]) =>
    (await estimates.since(org, kind, since)).map(({ at }) => at.getUTCDate());
  expect(await daysOf(undefined, day(2))).toEqual([4, 3, 2]);
  expect(await daysOf('documentation', day(1))).toEqual([3, 2, 1]);
  expect(await estimates.since('nobody', undefined, day(1))).toEqual([]);
  expect((await estimates.since(org, 'intelligence', day(1)))[0]).toEqual(
    variance({ at: day(4), kind: 'intelligence' }),
  );
});

describe('own prices', () => {
  const at = new Date('2026-05-01T12:00:00Z');

  test('end and stay, and both stand in the audit log', async () => {
    const { prices, auditLog } = opened.store;
    const org = randomBytes(4).toString('hex');
    const [one, two] = [`${org}1`, `${org}2`];
    await prices.add(org, ownPrice(one, { cachedReadUsdPerMillion: 0.5, note: 'contract' }));
    const until = new Date('2026-08-01T00:00:00Z');
    await prices.add(org, ownPrice(two, { until, createdAt: new Date('2026-05-02T00:00:00Z') }));
    expect(await prices.countEndingAfter(org, at)).toBe(2);
    expect(await prices.endingAfter(org, new Date('2026-08-01T00:00:00Z'))).toEqual([
      ownPrice(one, { cachedReadUsdPerMillion: 0.5, note: 'contract' }),
    ]);
    const ended = new Date('2026-06-01T00:00:00Z');
    expect(await racing(8, () => prices.end(org, one, 'key_2', ended)).then(trues)).toBe(1);
    expect(await prices.end('other', two, 'key_2', ended)).toBe(false);
    expect(await prices.end(org, 'none', 'key_2', ended)).toBe(false);
    expect((await prices.endingAfter(org, ended)).map(({ id }) => id)).toEqual([two]);
    const all = await prices.search(org, {}, 10);
    expect(all.map(({ id, until: end }) => [id, end?.getTime()])).toEqual([
      [two, until.getTime()],
      [one, ended.getTime()],
    ]);
    const { rows } = await auditLog.list(org, { event: 'price' }, { limit: 10 });
    expect(rows.map(({ subject, by, details }) => [subject, by, details?.model])).toEqual([
      [one, 'key_2', 'openai/gpt-5-mini'],
      [two, 'key_1', 'openai/gpt-5-mini'],
      [one, 'key_1', 'openai/gpt-5-mini'],
    ]);
  });

  test('are found by a part of their model, which is no pattern', async () => {
    const { prices } = opened.store;
    const org = randomBytes(4).toString('hex');
    await prices.add(org, ownPrice(`${org}1`, { model: 'openai/GPT-5.4' }));
    await prices.add(org, ownPrice(`${org}2`, { model: 'openai/gpt-5x4' }));
    const found = async (text: string) => (await prices.search(org, { text }, 10)).map(({ model }) => model);
    expect(await found('gpt-5.4')).toEqual(['openai/GPT-5.4']);
    expect(await found('.*')).toEqual([]);
  });
});

describe('settings', () => {
  const at = new Date('2026-05-01T12:00:00Z');

  test('of an organization that has set nothing are no limits and UTC', async () => {
    const { settings } = opened.store;
    expect(await settings.find('nobody')).toEqual({});
    expect(await settings.settingsOf('nobody', 'documentation')).toEqual({ timeZone: 'UTC' });
    expect(await settings.timeZoneOf('nobody')).toBe('UTC');
  });

  test('that are changed by many at once keep every change, each in the audit log', async () => {
    const { settings, auditLog } = opened.store;
    const org = randomBytes(4).toString('hex');
    await racing(12, () =>
      settings.change(org, 'key_1', at, (before) => ({
        ...before,
        costHardLimitNanoUsd: (before.costHardLimitNanoUsd ?? 0) + 1,
      })),
    );
    expect(await settings.find(org)).toEqual({ costHardLimitNanoUsd: 12 });
    expect((await auditLog.list(org, { event: 'settings' }, { limit: 50 })).total).toBe(12);
  });

  test('that are refused change nothing', async () => {
    const { settings } = opened.store;
    const org = randomBytes(4).toString('hex');
    await settings.change(org, 'key_1', at, () => ({ timeZone: 'Europe/Berlin' }));
    const refused = settings.change(org, 'key_1', at, () => {
      throw new Error('no');
    });
    await expect(refused).rejects.toThrow('no');
    expect(await settings.find(org)).toEqual({ timeZone: 'Europe/Berlin' });
  });
});
