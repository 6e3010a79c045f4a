import type { ApiRun } from '../../api/run-schemas.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { itemsOf } from '../support/provider.ts';
import { manifestOf, SHOP } from '../support/shop.ts';

interface RunErrors {
  groups: { fingerprint: string; code: string; message: string; count: number; example: string }[];
  errors: { object: string; code: string; fingerprint: string; attempts: number }[];
}

let bursar: Bursar;
let shop: string;

beforeAll(async () => {
  bursar = await startBursar({ environment: { OPENAI_API_KEY: '', OPENAI_BASE_URL: '' } });
  shop = (await bursar.client.upload(SHOP, { name: 'shop' })).id;
}, 90_000);

afterAll(() => bursar?.stop());

async function flatProject(objects: number): Promise<string> {
  const manifest = manifestOf(objects, { parents: false });
  return (await bursar.client.upload({ manifest }, { name: `flat ${objects}` })).id;
}

/** A run of one layer under faults of the offline provider. */
function start(faults: string, options = {}, projectId = shop): Promise<ApiRun> {
  const model = `offline:${faults}/gpt-5-mini`;
  return bursar.client.startRun({ projectId, layers: ['summary'] }, { model, ...options });
}

const errorsOf = (run: ApiRun) => bursar.client.get<RunErrors>(`/runs/${run.id}/errors`);
const retry = (run: ApiRun, body?: object) =>
  bursar.client.send<ApiRun>('POST', `/runs/${run.id}/retry`, body);

test('a 429 on every fifth call fails no object and skips none', async () => {
  const run = await start('rateLimitEvery=5,retryAfterMs=300');
  const ended = await bursar.client.untilEnded(run.id);
  expect(ended.state).toBe('completed');
  expect(ended.progress).toMatchObject({ total: 15, done: 15, failed: 0, reused: 0 });
  expect((await itemsOf(bursar.client, run)).map(({ attempts }) => attempts)).toEqual(Array(15).fill(0));
});

test('objects that must wait leave their slots; the run says until when and goes on', async () => {
  const run = await start('rateLimitEvery=3,retryAfterMs=11000', { concurrency: 2 }, await flatProject(4));
  const waiting = await bursar.client.until(run.id, ({ state }) => state === 'waiting');
  expect([waiting.waitReason, waiting.progress.current]).toEqual(['rate_limit', null]);
  expect(Date.parse(waiting.waitingUntil ?? '') - Date.now()).toBeGreaterThan(5_000);
  expect(await itemsOf(bursar.client, run, 'working')).toEqual([]);
  const ended = await bursar.client.untilEnded(run.id, 20_000);
  expect([ended.state, ended.progress.done, ended.waitReason]).toEqual(['completed', 4, null]);
  expect(Date.parse(ended.endedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(waiting.waitingUntil ?? ''));
}, 40_000);

test('a run whose provider has no key fails at once, before its objects are burnt', async () => {
  const model = 'openai/gpt-4o-mini';
  const run = await bursar.client.startRun({ projectId: shop, layers: ['summary'] }, { model });
  const ended = await bursar.client.untilEnded(run.id, 10_000);
  expect([ended.state, ended.failure?.code]).toEqual(['failed', 'llm_key_missing']);
  expect(ended.failure?.message).toContain('OPENAI_API_KEY');
  expect(ended.progress).toMatchObject({ total: 15, done: 0, failed: 0 });
  const items = await itemsOf(bursar.client, run);
  expect(items.filter(({ startedAt }) => startedAt !== null).length).toBeLessThanOrEqual(4);
  expect(items.filter(({ state }) => state !== 'pending')).toEqual([]);
});

test('a model of unknown price fails the run before the first call, naming near ones', async () => {
  const model = 'openai/gpt-4o-minni';
  const run = await bursar.client.startRun({ projectId: shop, layers: ['summary'] }, { model });
  const ended = await bursar.client.untilEnded(run.id, 10_000);
  expect([ended.state, ended.failure?.code]).toEqual(['failed', 'price_unknown']);
  expect(ended.failure?.message).toContain('openai/gpt-4o-mini');
  expect((await itemsOf(bursar.client, run)).filter(({ startedAt }) => startedAt !== null)).toEqual([]);
});

test('an object that always fails is logged with a fingerprint, and retried alone by it', async () => {
  const name = 'order_summary';
  const run = await start(`failObject=${name},failCode=llm_bad_request`);
  const ended = await bursar.client.untilEnded(run.id);
  expect([ended.state, ended.progress.done, ended.progress.failed]).toEqual(['completed_with_errors', 14, 1]);
  const { groups, errors } = await errorsOf(run);
  expect(groups).toMatchObject([{ code: 'llm_bad_request', count: 1, example: name }]);
  const fingerprint = groups[0]?.fingerprint ?? '';
  expect(fingerprint).toMatch(/^llm_bad_request:/);
  expect(errors).toMatchObject([{ object: name, code: 'llm_bad_request', fingerprint, attempts: 1 }]);
  expect(ended.errorLog).toMatchObject({ count: 1, errors: [{ object: name }] });

  expect((await retry(run, { fingerprint: 'llm_refused:not-this' })).status).toBe(409);
  const before = await itemsOf(bursar.client, run);
  expect((await retry(run, { fingerprint })).status).toBe(202);
  const again = await bursar.client.untilEnded(run.id);
  expect([again.state, again.round, again.progress.failed]).toEqual(['completed_with_errors', 2, 1]);
  const after = await itemsOf(bursar.client, run);
  const ranAgain = after.filter((item, index) => item.startedAt !== before[index]?.startedAt);
  expect(ranAgain.map((item) => item.name)).toEqual([name]);
});

test.each([0, 2])('a failure that may go away is tried again exactly %i times', async (maxRetries) => {
  const projectId = await flatProject(3);
  const run = await start('failObject=model_000001', { maxRetries }, projectId);
  const ended = await bursar.client.untilEnded(run.id);
  expect([ended.state, ended.progress.done]).toEqual(['completed_with_errors', 2]);
  const { errors } = await errorsOf(run);
  const expected = { object: 'model_000001', code: 'llm_unavailable', attempts: maxRetries + 1 };
  expect(errors).toMatchObject([expected]);
});

test('after twenty equal failures in a row the run waits as failing, and a resume goes on', async () => {
  const run = await start('failFirst=20,failCode=llm_bad_request', { concurrency: 1 }, await flatProject(30));
  const waiting = await bursar.client.until(run.id, ({ state }) => state === 'waiting');
  expect([waiting.waitReason, waiting.progress.failed, waiting.progress.done]).toEqual(['failing', 20, 0]);
  expect(Date.now() - Date.parse(waiting.waitingSince ?? '')).toBeLessThan(5_000);
  expect((await bursar.client.send('POST', `/runs/${run.id}/resume`)).status).toBe(202);
  const ended = await bursar.client.untilEnded(run.id);
  expect(ended.state).toBe('completed_with_errors');
  expect([ended.progress.failed, ended.progress.done]).toEqual([20, 10]);
});

test('failed objects opened again while the run waits as failing are done after resume', async () => {
  // Calls are counted by the options as they are written: these must differ from those of other tests.
  const failing = await start(
    'failCode=llm_bad_request,failFirst=20',
    { concurrency: 1 },
    await flatProject(30),
  );
  await bursar.client.until(failing.id, ({ state }) => state === 'waiting');
  expect((await retry(failing)).status).toBe(202);
  const opened = await bursar.client.get<ApiRun>(`/runs/${failing.id}`);
  expect([opened.state, opened.progress.failed]).toEqual(['waiting', 0]);
  expect((await bursar.client.send('POST', `/runs/${failing.id}/resume`)).status).toBe(202);
  const done = await bursar.client.untilEnded(failing.id);
  expect([done.state, done.round, done.progress.done]).toEqual(['completed', 1, 30]);
});

test('a run that waits as failing can be cancelled; one with nothing left just ends', async () => {
  const projectId = await flatProject(22);
  const run = await start('failEvery=1,failCode=llm_bad_request', { concurrency: 2 }, projectId);
  await bursar.client.until(run.id, ({ state }) => state === 'waiting');
  await bursar.client.send('POST', `/runs/${run.id}/cancel`);
  expect((await bursar.client.untilEnded(run.id, 5_000)).state).toBe('cancelled');

  const all = await start('failEvery=1,failCode=llm_refused', {}, await flatProject(20));
  const ended = await bursar.client.untilEnded(all.id);
  expect([ended.state, ended.progress.failed]).toEqual(['completed_with_errors', 20]);
});
