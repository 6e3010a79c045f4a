import { newStore, type OpenedStore } from './database.ts';

/** When all that the tests write is old. */
const AT = new Date('2028-06-01T00:00:00Z');
const NOW = new Date('2026-01-20T00:00:00Z');
let opened: OpenedStore;

beforeAll(async () => {
  opened = await newStore();
});
afterAll(() => opened.close());

const archive = (org: string, days: object) => opened.store.archiveOld(days, AT, org);
async function restore(org: string, key: string): Promise<void> {
  const head = await opened.store.archives.find(org, `${org}|${key}`);
  if (head !== undefined) await opened.store.restoreArchive(head, AT);
}
const stored = (org: string, name: string) =>
  opened.connection.collection(name).find({ org }).sort({ _id: 1 }).toArray();

test('alerts that are over go with their deliveries, and come back as they were', async () => {
  const { alerts, deliveries } = opened.store;
  const org = 'alerted';
  const text = { severity: 'info' as const, title: 'A', text: 'B', facts: [], data: {} };
  const raise = (type: 'run_finished' | 'anomaly', key: string, lasting: boolean) =>
    alerts.raise([{ org, type, key, lasting, at: NOW, ...text }]);
  for (const key of ['over', 'over too']) await raise('run_finished', key, false);
  await raise('anomaly', 'open', false);
  await raise('run_finished', 'untold', false);
  await raise('run_finished', 'came and went', true);
  const ids = new Map((await alerts.list(org, {}, { limit: 10 })).rows.map(({ key, id }) => [key, id]));
  const id = (key: string) => ids.get(key) ?? '';
  for (const [key, each] of ids) if (key !== 'untold') await alerts.told({ org, id: each, round: 0 });
  const told = (_id: string, keys: string[], state: 'sent' | 'pending' = 'sent') =>
    deliveries.add([
      {
        ...{ _id, org, alerts: keys.map(id), channel: 'c', channelName: 'Ops', channelType: 'log', state },
        ...{ attempts: 1, createdAt: NOW },
      },
    ]);
  await told('d1', ['over']);
  await told('d2', ['over', 'over too']);
  await told('d3', ['over', 'open']);
  await told('d4', ['over too'], 'pending');
  const all = async () => [await stored(org, 'alerts'), await stored(org, 'deliveries')];
  const before = await all();
  expect(await archive(org, { alerts: 365 })).toMatchObject({ alerts: 4, more: false });
  const [rows = [], sent = []] = await all();
  expect(new Set(rows.map(({ key }) => key))).toEqual(new Set(['open', 'untold', 'came and went']));
  expect(sent.map(({ _id }) => String(_id))).toEqual(['d3', 'd4']);
  expect(await archive(org, { alerts: 365 })).toMatchObject({ alerts: 0 });
  for (const _ of [1, 2]) await restore(org, 'alerts:2026-01');
  expect(await all()).toEqual(before);
  expect(await archive(org, { alerts: 365 })).toMatchObject({ alerts: 0 });
});

test('rows of the audit log stay until their budget period has ended for as long', async () => {
  const { auditLog, budgetPeriods } = opened.store;
  const org = 'audited';
  const row = (_id: string, subject: string, at: Date) =>
    ({ _id, org, budget: 'bud_1', subject, event: 'warning', by: 'system', at }) as const;
  const period = (_id: string, end: Date) => ({ _id, org, budget: 'bud_1', start: NOW, end });
  await budgetPeriods.model.collection.insertMany([
    period('ended', NOW),
    period('long', new Date('2028-01-01T00:00:00Z')),
  ] as never);
  await auditLog.add([
    row('ended:warning', 'ended', NOW),
    row('long:warning', 'long', NOW),
    row('settings', 'other', new Date('2026-02-01T00:00:00Z')),
    row('young', 'other', AT),
  ]);
  const before = await stored(org, 'audit_log');
  expect(await archive(org, {})).toEqual({ jobs: 0, alerts: 0, audit_log: 0, more: false });
  expect(await archive(org, { audit_log: 365 })).toMatchObject({ audit_log: 2 });
  expect((await stored(org, 'audit_log')).map(({ _id }) => String(_id))).toEqual(['long:warning', 'young']);
  const { rows } = await opened.store.archives.list(org, 'audit_log', { limit: 10 });
  expect(rows.map(({ key, rows: of }) => [key, of])).toEqual([
    ['2026-02', 1],
    ['2026-01', 1],
  ]);
  const status = await opened.store.retentionStatus(org, { audit_log: 365 }, AT);
  expect(status.find(({ of }) => of === 'audit_log')).toMatchObject({
    ...{ rows: 2, days: 365, due: 1, oldest: NOW.toISOString() },
    archives: { archives: 2, rows: 2, bytes: expect.any(Number) },
  });
  for (const head of rows) await opened.store.restoreArchive(head, AT);
  expect(await stored(org, 'audit_log')).toEqual(before);
});
