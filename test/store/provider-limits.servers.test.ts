import { randomBytes } from 'node:crypto';
import { FIRST_CONCURRENCY, type LimitedKey, WINDOW_MS } from '../../domain/limiter.ts';
import { newStore, type OpenedStore, racing } from './database.ts';

let opened: OpenedStore;
let other: OpenedStore;
let key: LimitedKey;
beforeAll(async () => {
  const database = `limits_${randomBytes(6).toString('hex')}`;
  opened = await newStore(database);
  other = await newStore(database);
});
beforeEach(() => {
  key = { org: randomBytes(5).toString('hex'), provider: 'openai', model: 'openai/gpt-5-mini' };
});
afterAll(() => Promise.all([opened.close(), other.close()]));

/** The middle of a minute, so that no test crosses its end. */
const NOW = new Date(Math.floor(Date.now() / WINDOW_MS) * WINDOW_MS + WINDOW_MS / 2);
const later = (ms: number) => new Date(NOW.getTime() + ms);
let calls = 0;

async function reserve(more: { tokens?: number; at?: Date; model?: string; from?: OpenedStore } = {}) {
  const { tokens = 10, at = NOW, model = key.model, from = opened } = more;
  calls += 1;
  const call = { id: `call${calls}`, tokens, at, leaseMs: 60_000 };
  const limits = from.store.providerLimits;
  return { id: call.id, result: await limits.reserve({ ...key, model }, call) };
}

const finish = (id: string, end: Parameters<typeof opened.store.providerLimits.finish>[2], at = NOW) =>
  opened.store.providerLimits.finish(key, { id, tokens: 10, startedAt: at, at }, end);

async function limit(model = key.model) {
  const { rows } = await opened.store.providerLimits.list(key.org, { limit: 10 });
  return rows.find((row) => row.model === model);
}

test('two processes together get no more places than there are', async () => {
  const results = await racing(40, (index) => reserve({ from: index % 2 === 0 ? opened : other }));
  expect(results.filter(({ result }) => result === 'granted')).toHaveLength(FIRST_CONCURRENCY);
  expect(results.filter(({ result }) => result === 'busy')).toHaveLength(40 - FIRST_CONCURRENCY);
});

test('nobody is told that all places are taken while there are some', async () => {
  for (let round = 0; round < 15; round += 1) {
    key = { ...key, model: `openai/model-${round}` };
    const results = await racing(FIRST_CONCURRENCY, (index) =>
      reserve({ from: index % 2 === 0 ? opened : other }),
    );
    expect(results.map(({ result }) => result)).toEqual(Array(FIRST_CONCURRENCY).fill('granted'));
  }
});

test('a place comes back when its call ends, and by itself where its process died', async () => {
  const results = await racing(FIRST_CONCURRENCY, () => reserve());
  expect((await reserve()).result).toBe('busy');
  await finish(results[0]?.id ?? '', 'failed');
  expect((await reserve()).result).toBe('granted');
  expect((await reserve({ at: later(59_999) })).result).toBe('busy');
  expect((await reserve({ at: later(60_001) })).result).toBe('granted');
});

test('after a 429 the key is closed for all of its models, also for one that was never asked', async () => {
  const { id } = await reserve();
  await reserve({ model: 'openai/gpt-4o' });
  const until = NOW.getTime() + 5_000;
  await finish(id, { refusedUntil: until });
  for (const model of [key.model, 'openai/gpt-4o', 'openai/never'])
    expect((await reserve({ model, from: other, at: later(4_999) })).result).toEqual({ until });
  expect((await reserve({ at: later(5_000) })).result).toBe('granted');
});

test('a shorter refusal does not open the key earlier', async () => {
  const [first, second] = [await reserve(), await reserve()];
  await finish(first.id, { refusedUntil: NOW.getTime() + 9_000 });
  await finish(second.id, { refusedUntil: NOW.getTime() + 1_000 });
  expect((await reserve()).result).toEqual({ until: NOW.getTime() + 9_000 });
});

test('the first refusal of a burst cuts, those of calls that were under way by then do not', async () => {
  const results = await racing(8, () => reserve());
  await Promise.all(results.map(({ id }) => finish(id, { refusedUntil: NOW.getTime() + 100 })));
  expect(await limit()).toMatchObject({ concurrency: 12, bursts: 1 });
  const next = await reserve({ at: later(200) });
  await finish(next.id, { refusedUntil: NOW.getTime() + 400 }, later(200));
  expect(await limit()).toMatchObject({ concurrency: 9, bursts: 2 });
});

test('25 answers in a row let one more call be under way', async () => {
  for (let answer = 0; answer < 25; answer += 1) await finish((await reserve()).id, { tokens: 10 });
  expect(await limit()).toMatchObject({ concurrency: FIRST_CONCURRENCY + 1, answers: 0, slots: [] });
});

test('a minute has room for so many requests; the next begins anew', async () => {
  await opened.store.providerLimits.setLimits(key, { requestsPerMinute: 3 }, 'key_1', new Date());
  const results = await racing(6, (index) => reserve({ from: index % 2 === 0 ? opened : other }));
  expect(results.filter(({ result }) => result === 'granted')).toHaveLength(3);
  expect((await reserve()).result).toEqual({ until: NOW.getTime() + WINDOW_MS / 2 });
  expect((await reserve({ at: later(WINDOW_MS / 2) })).result).toBe('granted');
});

test('tokens are reserved before a call and counted as used after it', async () => {
  await opened.store.providerLimits.setLimits(key, { tokensPerMinute: 100 }, 'key_1', new Date());
  const first = await reserve({ tokens: 90 });
  expect((await reserve({ tokens: 20 })).result).toEqual({ until: NOW.getTime() + WINDOW_MS / 2 });
  const call = { id: first.id, tokens: 90, startedAt: NOW, at: NOW };
  await opened.store.providerLimits.finish(key, call, { tokens: 30 });
  expect(await limit()).toMatchObject({ tokens: 30 });
  expect((await reserve({ tokens: 70 })).result).toBe('granted');
});

test('a call that is larger than a minute allows goes when nothing else has', async () => {
  await opened.store.providerLimits.setLimits(key, { tokensPerMinute: 100 }, 'key_1', new Date());
  expect((await reserve({ tokens: 500 })).result).toBe('granted');
  expect((await reserve({ tokens: 1 })).result).toEqual({ until: NOW.getTime() + WINDOW_MS / 2 });
});

test('limits are learned from the provider, but not over what an admin has set', async () => {
  await finish((await reserve()).id, { tokens: 10, limits: { requestsPerMinute: 50 } });
  expect(await limit()).toMatchObject({ requestsPerMinute: 50, limitsFrom: 'provider' });
  await opened.store.providerLimits.setLimits(key, { requestsPerMinute: 20 }, 'key_1', new Date());
  await finish((await reserve()).id, { tokens: 10, limits: { requestsPerMinute: 50, tokensPerMinute: 9 } });
  const set = await limit();
  expect(set).toMatchObject({ requestsPerMinute: 20, limitsFrom: 'admin' });
  expect(set).not.toHaveProperty('tokensPerMinute');
  await opened.store.providerLimits.setLimits(key, { requestsPerMinute: null }, 'key_1', new Date());
  await finish((await reserve()).id, { tokens: 10, limits: { requestsPerMinute: 50 } });
  expect(await limit()).toMatchObject({ requestsPerMinute: 50, limitsFrom: 'provider' });
  const { rows } = await opened.store.auditLog.list(key.org, { event: 'provider_limit' }, { limit: 2 });
  expect(rows).toMatchObject([
    { by: 'key_1', subject: key.model, details: { requestsPerMinute: null } },
    { by: 'key_1', subject: key.model, details: { requestsPerMinute: 20 } },
  ]);
});
