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

const NOTHING = {
  costWarningThreshold: null,
  costHardLimit: null,
  timeZone: 'UTC',
  kinds: {},
  snapshotFreshnessDays: 30,
  llmProvider: null,
  llmMockMode: false,
  dailyAiBudgetUsd: null,
  perUserDailyLimitUsd: null,
};
const put = (body: unknown) => bursar.client.send<ErrorBody>('PUT', '/admin/settings', body);
const get = () => bursar.client.get('/admin/settings');

test('settings begin without limits, merge, are taken back by null, and the gate reads them', async () => {
  expect(await get()).toEqual(NOTHING);
  expect(
    await put({ costWarningThreshold: 5, costHardLimit: 50.000000001, timeZone: 'Europe/Berlin' }),
  ).toMatchObject({ status: 200 });
  const changed = { kinds: { documentation: { costHardLimit: 20 } }, costWarningThreshold: 7.5 };
  expect((await put(changed)).body).toEqual({
    ...NOTHING,
    costWarningThreshold: 7.5,
    costHardLimit: 50.000000001,
    timeZone: 'Europe/Berlin',
    kinds: { documentation: { costWarningThreshold: null, costHardLimit: 20 } },
  });
  expect(await opened.store.settings.settingsOf('default', 'documentation')).toEqual({
    costWarningThresholdNanoUsd: 7_500_000_000,
    costHardLimitNanoUsd: 20_000_000_000,
    timeZone: 'Europe/Berlin',
  });
  const back = {
    costWarningThreshold: null,
    costHardLimit: null,
    timeZone: null,
    kinds: { documentation: null },
  };
  expect((await put(back)).body).toEqual(NOTHING);
  const { total } = await opened.store.auditLog.list('default', { event: 'settings' }, { limit: 1 });
  expect(total).toBe(3);
});

test('another organization has settings of its own, and a viewer sees them', async () => {
  const admin = await clientOf(bursar, opened, 'other', 'admin');
  const viewer = await clientOf(bursar, opened, 'other', 'viewer');
  await admin.send('PUT', '/admin/settings', { costHardLimit: 1 });
  expect(await viewer.get('/admin/settings')).toMatchObject({ costHardLimit: 1 });
  expect((await viewer.send('PUT', '/admin/settings', {})).status).toBe(403);
  expect(await get()).toEqual(NOTHING);
});

test.each([
  ['a negative amount', { costHardLimit: -0.01 }, 'costHardLimit'],
  ['an amount that no integer holds', { costHardLimit: 1e16 }, 'costHardLimit'],
  ['an amount that is text', { costWarningThreshold: '5' }, 'costWarningThreshold'],
  ['an unknown time zone', { timeZone: 'Europe/Atlantis' }, 'timeZone'],
  ['an offset for a time zone', { timeZone: '+02:00' }, 'timeZone'],
  ['an unknown setting', { costHardLimitUsd: 5 }, 'costHardLimitUsd'],
  [
    'an unknown setting of a kind',
    { kinds: { documentation: { timeZone: 'UTC' } } },
    'kinds.documentation.timeZone',
  ],
  ['a warning over the hard limit', { costWarningThreshold: 6, costHardLimit: 5 }, 'costWarningThreshold'],
  [
    'a warning of a kind over the hard limit of the organization',
    { costHardLimit: 5, kinds: { documentation: { costWarningThreshold: 6 } } },
    'kinds.documentation.costWarningThreshold',
  ],
])('%s is refused with the field, and nothing is stored', async (_, change, field) => {
  const { status, body } = await put(change);
  expect([status, body.error.details?.[0]?.field]).toEqual([400, field]);
  expect(await get()).toEqual(NOTHING);
});

test('an unknown kind is refused, and named', async () => {
  const { status, body } = await put({ kinds: { cooking: { costHardLimit: 1 } } });
  expect([status, body.error.code, JSON.stringify(body.error)]).toEqual([
    400,
    'invalid_input',
    expect.stringContaining('cooking'),
  ]);
});
