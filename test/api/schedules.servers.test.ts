import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiRun } from '../../api/run-schemas.ts';
import type { ApiSchedule, ApiScheduleDetail } from '../../api/schedule-schemas.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { openTemporal } from '../support/histories.ts';
import { SHOP } from '../support/shop.ts';
import { clientOf, type ErrorBody, type OpenStore, openStore } from './second-organization.ts';

let bursar: Bursar;
let opened: OpenStore;
let temporal: Awaited<ReturnType<typeof openTemporal>>;
let projectId: string;

beforeAll(async () => {
  [bursar, temporal] = await Promise.all([startBursar(), openTemporal()]);
  opened = await openStore(bursar);
  projectId = (await bursar.client.upload(SHOP)).id;
}, 90_000);

afterAll(async () => {
  await Promise.all([bursar?.stop(), temporal?.close(), opened?.close()]);
});

const NEVER_NOW = '0 0 29 2 *';
const terms = (name: string, given: object = {}) => ({
  name,
  kind: 'documentation',
  input: { projectId, layers: ['summary'], select: ['stg_orders'] },
  cron: NEVER_NOW,
  ...given,
});
const create = (name: string, given: object = {}) =>
  bursar.client.post<ApiSchedule>('/schedules', terms(name, given));
const show = (id: string) => bursar.client.get<ApiScheduleDetail>(`/schedules/${id}`);
const runsOf = async (id: string) =>
  (await bursar.client.get<{ runs: ApiRun[] }>(`/runs?schedule=${id}`)).runs;
const inTemporal = (id: string) => temporal.client.schedule.getHandle(`schedule:${bursar.name}:${id}`);
/** Two triggers within a second are one. */
const nextSecond = () => sleep(1_050 - (Date.now() % 1_000));

async function until<T>(look: () => Promise<T>, wanted: (seen: T) => boolean): Promise<T> {
  for (const deadline = Date.now() + 20_000; ; await sleep(50)) {
    const seen = await look();
    if (wanted(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(seen)}`);
  }
}

async function triggered(id: string, count: number): Promise<ApiRun[]> {
  await nextSecond();
  await bursar.client.post(`/schedules/${id}/trigger`);
  return until(
    () => runsOf(id),
    (runs) => runs.length >= count,
  );
}

async function keepHouse(): Promise<void> {
  const workflowId = `housekeeping-${Math.random()}`;
  await temporal.client.workflow.execute('housekeeping', { taskQueue: bursar.name, workflowId });
}

test('a trigger makes exactly one run, of what the project is then', async () => {
  const schedule = await create('once');
  const { catalog: _, ...changed } = SHOP;
  await bursar.client.upload(changed, { glossary: 'An order is what a customer has asked for.' });
  const [run] = await triggered(schedule.id, 1);
  expect(run).toMatchObject({
    kind: 'documentation',
    input: { projectId, revision: 2 },
    triggeredBy: { id: schedule.id },
    schedule: { id: schedule.id, scheduledAt: expect.any(String) },
  });
  expect(await bursar.client.untilEnded(run?.id ?? '')).toMatchObject({
    state: 'completed',
    progress: { done: 1 },
  });
  const { runs, lastError } = await show(schedule.id);
  expect(runs).toEqual([expect.objectContaining({ id: run?.id, state: 'completed' })]);
  expect(lastError).toBeNull();
});

test('a backfill of three times makes three runs, and the same again makes no other', async () => {
  const terms = { cron: '0 3 * * *', timeZone: 'Europe/Berlin', jitterSeconds: 1_800 };
  const { id } = await create('every day', terms);
  const span = { start: '2025-01-01T02:00:00Z', end: '2025-01-03T02:30:00Z' };
  type Backfilled = { times: { scheduledAt: string; run: string }[] };
  const { times } = await bursar.client.post<Backfilled>(`/schedules/${id}/backfill`, span);
  expect(times.map(({ scheduledAt }) => scheduledAt)).toEqual(
    [1, 2, 3].map((day) => `2025-01-0${day}T02:00:00.000Z`),
  );
  const completed = (runs: ApiRun[]) => runs.length === 3 && runs.every(({ state }) => state === 'completed');
  const runs = await until(() => runsOf(id), completed);
  const told = times.map(({ run, scheduledAt }) => [run, scheduledAt]);
  expect(runs.map((run) => [run.id, run.schedule?.scheduledAt]).reverse()).toEqual(told);
  expect(await bursar.client.post<Backfilled>(`/schedules/${id}/backfill`, span)).toEqual({ times });
  await until(
    () => inTemporal(id).describe(),
    ({ info }) => info.numActionsTaken === 6 && info.runningActions.length === 0,
  );
  expect((await runsOf(id)).map(({ id: run, endedAt }) => [run, endedAt])).toEqual(
    runs.map(({ id: run, endedAt }) => [run, endedAt]),
  );
});

test('skip leaves out what comes while the run before waits, cancel_other cancels that run', async () => {
  const { id } = await create('skipping');
  await bursar.client.send('PUT', '/admin/settings', { costWarningThreshold: 0.000001 });
  try {
    const [first] = await triggered(id, 1);
    await bursar.client.until(first?.id ?? '', ({ waitReason }) => waitReason === 'approval');
    await nextSecond();
    const refused = await bursar.client.send<ErrorBody>('POST', `/schedules/${id}/trigger`);
    expect([refused.status, refused.body.error.message]).toEqual([
      409,
      expect.stringContaining(`its run ${first?.id} is still going`),
    ]);
    // Past our own answer, Temporal leaves it out as well.
    await inTemporal(id).trigger('SKIP');
    await until(
      () => inTemporal(id).describe(),
      ({ info }) => info.numActionsSkippedOverlap === 1,
    );
    expect(await runsOf(id)).toHaveLength(1);
    await bursar.client.send('PATCH', `/schedules/${id}`, { overlap: 'cancel_other' });
    const [second] = await triggered(id, 2);
    expect((await bursar.client.untilEnded(first?.id ?? '')).state).toBe('cancelled');
    await bursar.client.until(second?.id ?? '', ({ waitReason }) => waitReason === 'approval');
    await bursar.client.post(`/runs/${second?.id}/cancel`);
  } finally {
    await bursar.client.send('PUT', '/admin/settings', { costWarningThreshold: null });
  }
});

test('paused, a schedule starts what is asked for alone; changes reach Temporal', async () => {
  const { id, nextTimes } = await create('held');
  const paused = await bursar.client.post<ApiSchedule>(`/schedules/${id}/pause`, { note: 'holidays' });
  expect(paused).toMatchObject({ paused: true, note: 'holidays', nextTimes });
  expect((await inTemporal(id).describe()).state).toMatchObject({ paused: true, note: 'holidays' });
  expect(await triggered(id, 1)).toHaveLength(1);
  const resumed = await bursar.client.post<ApiSchedule>(`/schedules/${id}/resume`);
  expect(resumed).toMatchObject({ paused: false, note: null });
  expect((await inTemporal(id).describe()).state.paused).toBe(false);
  const edit = { cron: '0 12 * * *', overlap: 'allow_all', endAt: '2099-01-01T00:00:00Z' };
  const edited = (await bursar.client.send<ApiSchedule>('PATCH', `/schedules/${id}`, edit)).body;
  expect(edited).toMatchObject({ ...edit, endAt: '2099-01-01T00:00:00.000Z', timeZone: 'UTC' });
  expect(edited.nextTimes?.every((at) => at.endsWith('T12:00:00.000Z'))).toBe(true);
  expect((await bursar.client.send('DELETE', `/schedules/${id}`)).status).toBe(204);
  await expect(inTemporal(id).describe()).rejects.toThrow(/not found/i);
});

test('a time that clocks skip is left out, one that they show twice comes once', async () => {
  const berlin = (startAt: string, cron = '30 2 * * *') => ({ cron, timeZone: 'Europe/Berlin', startAt });
  const spring = await create('spring', berlin('2098-03-28T00:00:00+01:00'));
  expect(spring.nextTimes).toEqual(
    ['03-28T01', '03-29T01', '03-31T00', '04-01T00', '04-02T00'].map((at) => `2098-${at}:30:00.000Z`),
  );
  const autumn = await create('autumn', berlin('2098-10-25T00:00:00Z'));
  expect(autumn.nextTimes).toEqual(
    ['10-25T00', '10-26T01', '10-27T01', '10-28T01', '10-29T01'].map((at) => `2098-${at}:30:00.000Z`),
  );
  const hourly = await create('hourly', berlin('2098-10-25T23:00:00Z', '15 * * * *'));
  expect(hourly.nextTimes).toEqual(
    ['25T23', '26T00', '26T02', '26T03', '26T04'].map((at) => `2098-10-${at}:15:00.000Z`),
  );
  const either = await create('either', { cron: '0 6 13 * fri', startAt: '2098-06-01T00:00:00Z' });
  expect(either.nextTimes).toEqual(
    ['06', '13', '20', '27'].map((day) => `2098-06-${day}T06:00:00.000Z`).concat('2098-07-04T06:00:00.000Z'),
  );
});

test('what cannot be is refused, naming the field; the same request is the same schedule', async () => {
  const refused = async (given: object) => {
    const { status, body } = await bursar.client.send<ErrorBody>('POST', '/schedules', terms('bad', given));
    return [status, body.error.details?.map(({ field }) => field)];
  };
  expect(await refused({ cron: '61 * * * *', timeZone: 'Europe/Atlantis' })).toEqual([
    400,
    ['cron', 'timeZone'],
  ]);
  // A name that our machine knows and Temporal does not: nothing of it stays.
  expect(await refused({ timeZone: 'us/pacific' })).toEqual([400, ['timeZone']]);
  const { schedules } = await bursar.client.get<{ schedules: ApiSchedule[] }>('/schedules');
  expect(schedules.map(({ name }) => name)).not.toContain('bad');
  expect(await refused({ endAt: '2020-01-01T00:00:00Z' })).toEqual([400, ['endAt']]);
  expect(await refused({ overlap: 'terminate' })).toEqual([400, ['overlap']]);
  expect(await refused({ kind: 'enrichment', input: {} })).toEqual([400, ['kind']]);
  expect((await refused({ input: { projectId: 'prj_none' } }))[0]).toBe(404);
  const first = await create('same', { timeZone: 'europe/berlin' });
  expect(first.timeZone).toBe('Europe/Berlin');
  const wrongZone = await bursar.client.send('PATCH', `/schedules/${first.id}`, { timeZone: 'us/pacific' });
  expect([wrongZone.status, (await show(first.id)).timeZone]).toEqual([400, 'Europe/Berlin']);
  expect((await create('same', { timeZone: 'europe/berlin' })).id).toBe(first.id);
  expect((await bursar.client.send('POST', '/schedules', terms('same', { cron: '0 1 * * *' }))).status).toBe(
    409,
  );
  const backfill = async (start: string, end: string) => {
    const path = `/schedules/${first.id}/backfill`;
    const { status, body } = await bursar.client.send<ErrorBody>('POST', path, { start, end });
    return [status, body.error.details?.map(({ field }) => field)];
  };
  expect(await backfill('2025-01-01T00:00:00Z', '2025-12-31T00:00:00Z')).toEqual([400, ['start']]);
  expect(await backfill('2025-01-01T00:00:00Z', '2999-12-31T00:00:00Z')).toEqual([400, ['end']]);
  await bursar.client.send('PATCH', `/schedules/${first.id}`, { cron: '* * * * *', startAt: null });
  await bursar.client.post(`/schedules/${first.id}/pause`);
  expect(await backfill('2025-01-01T00:00:00Z', '2025-01-01T01:40:00Z')).toEqual([400, ['end']]);
  const stranger = await clientOf(bursar, opened, 'strangers', 'admin');
  expect((await stranger.send('GET', `/schedules/${first.id}`)).status).toBe(404);
  expect((await stranger.send('POST', `/schedules/${first.id}/trigger`)).status).toBe(404);
  expect(await stranger.get('/schedules')).toEqual({ schedules: [], total: 0, has_more: false });
});

test('a start that comes to nothing stands at the schedule and as an alert until one goes well', async () => {
  const { id } = await create('failing');
  const { model } = opened.store.schedules;
  await model.updateOne({ _id: id }, { $set: { 'request.input.projectId': 'prj_gone' } });
  await nextSecond();
  await bursar.client.post(`/schedules/${id}/trigger`);
  const failed = await until(
    () => show(id),
    ({ lastError }) => lastError !== null,
  );
  expect(failed.lastError).toMatchObject({
    code: 'not_found',
    message: expect.stringContaining('prj_gone'),
  });
  type Alerts = { alerts: { data: { schedule: string } }[] };
  const open = () => bursar.client.get<Alerts>('/alerts?type=schedule_failed&state=open');
  expect((await open()).alerts).toEqual([
    expect.objectContaining({ data: expect.objectContaining({ schedule: id }) }),
  ]);
  await model.updateOne({ _id: id }, { $set: { 'request.input.projectId': projectId } });
  await triggered(id, 1);
  expect((await show(id)).lastError).toBeNull();
  expect((await open()).alerts).toEqual([]);
});

test('Temporal gets back what it has lost of the stored schedules, and forgets what is deleted', async () => {
  const { id } = await create('lost', { cron: '0 5 * * *' });
  const handle = inTemporal(id);
  await handle.delete();
  await keepHouse();
  expect((await handle.describe()).spec.timezone).toBe('UTC');
  await opened.store.schedules.model.deleteOne({ _id: id });
  await handle.trigger();
  await until(
    () => handle.describe().catch(() => undefined),
    (found) => found === undefined,
  );
});
