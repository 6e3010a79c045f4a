import { randomBytes } from 'node:crypto';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { type Provider, startProvider } from '../support/provider.ts';
import { clientOf, type ErrorBody, type OpenStore, openStore } from './second-organization.ts';

const KEY = 'sk-marked-5d2e8f';

interface Shown {
  name: string;
  source: string;
  hint: string | null;
  baseUrl: string | null;
}
interface Tested {
  model: string;
  latencyMs: number;
  costUsd: number;
}

let provider: Provider;
let bursar: Bursar;
let opened: OpenStore;
beforeAll(async () => {
  provider = await startProvider();
  bursar = await startBursar({
    workers: 0,
    environment: {
      ...provider.environment,
      BURSAR_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    },
  });
  opened = await openStore(bursar);
}, 90_000);
beforeEach(() => provider.setFaults([]));
afterAll(async () => {
  await opened?.close();
  await Promise.all([bursar?.stop(), provider?.stop()]);
});

const shown = async (name: string, client = bursar.client) => {
  const { providers } = await client.get<{ providers: Shown[] }>('/providers');
  return providers.find((each) => each.name === name);
};

test('a key is stored encrypted, shown masked, and forgotten again', async () => {
  expect(await shown('anthropic')).toMatchObject({ source: 'none', hint: null });
  const set = await bursar.client.send('PUT', '/providers/anthropic/key', { apiKey: KEY });
  expect(set).toMatchObject({ status: 200, body: { source: 'stored', hint: '…2e8f', baseUrl: null } });
  expect(JSON.stringify([set.body, await shown('anthropic')])).not.toContain(KEY);
  const stored = await opened.store.providerKeys.find('default', 'anthropic');
  expect(Buffer.from(stored?.sealed ?? '', 'base64').toString('latin1')).not.toContain('marked');
  expect((await bursar.client.send('DELETE', '/providers/anthropic/key')).status).toBe(204);
  expect((await bursar.client.send('DELETE', '/providers/anthropic/key')).status).toBe(404);
  expect(await shown('anthropic')).toMatchObject({ source: 'none' });
  const { rows } = await bursar.client.get<{ rows: { event: string; details: unknown }[] }>(
    '/audit?event=provider_key',
  );
  expect(rows.map(({ details }) => details)).toEqual([{ what: 'removed' }, { what: 'set', hint: '…2e8f' }]);
});

test('the environment serves the default organization and no other', async () => {
  expect(await shown('openai')).toMatchObject({ source: 'environment', hint: '…test' });
  const other = await clientOf(bursar, opened, 'other', 'admin');
  expect(await shown('openai', other)).toMatchObject({ source: 'none', hint: null, baseUrl: null });
  const { status, body } = await other.send<ErrorBody>('POST', '/providers/openai/test', {});
  expect([status, body.error.code]).toEqual([502, 'llm_key_missing']);
});

test('a test makes one call, which is paid: its entry is in the ledger, nothing stays held', async () => {
  const before = (await provider.calls()).count;
  const { body } = await bursar.client.send<Tested>('POST', '/providers/openai/test', {});
  expect(body).toMatchObject({ model: 'openai/gpt-5-nano', latencyMs: expect.any(Number) });
  expect(body.costUsd).toBeGreaterThan(0);
  expect((await provider.calls()).count).toBe(before + 1);
  await opened.store.fold();
  const { entries } = await bursar.client.get<{ entries: { step: string; costUsd: number }[] }>(
    '/costs/entries',
  );
  expect(entries).toEqual([expect.objectContaining({ step: 'provider_test', costUsd: body.costUsd })]);
  const { holds } = await bursar.client.get<{ holds: { state: string; leftUsd: number }[] }>('/holds');
  expect(holds).toEqual([expect.objectContaining({ state: 'closed', leftUsd: 0 })]);
  expect((await opened.store.checkLedger('default')).differences).toEqual([]);
});

test('what the provider refuses is told with its code, costs nothing, and shows no key', async () => {
  const costBefore = (await opened.store.checkLedger('default')).spentNanoUsd;
  for (const [fault, status, code] of [
    [{ status: 401, message: KEY }, 502, 'llm_key_rejected'],
    [{ status: 404 }, 400, 'llm_model_unknown'],
    [{ status: 503 }, 502, 'llm_unavailable'],
    [{ status: 429, retryAfter: 1 }, 429, 'llm_rate_limited'],
  ] as const) {
    await provider.setFaults([{ ...fault, every: 1 }]);
    const answer = await bursar.client.send<ErrorBody>('POST', '/providers/openai/test', {});
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
    expect(JSON.stringify(answer.body)).not.toContain(KEY);
  }
  expect((await opened.store.checkLedger('default')).spentNanoUsd).toBe(costBefore);
});

test('a model without a price is refused before anything is asked', async () => {
  const before = (await provider.calls()).count;
  const { status, body } = await bursar.client.send<ErrorBody>('POST', '/providers/compatible/test', {
    model: 'nobody-knows-this',
  });
  expect([status, body.error.code]).toEqual([400, 'price_unknown']);
  const unnamed = await bursar.client.send<ErrorBody>('POST', '/providers/compatible/test', {});
  expect([unnamed.status, unnamed.body.error.details?.[0]?.field]).toEqual([400, 'model']);
  expect((await provider.calls()).count).toBe(before);
});

test.each([
  [{}, 'apiKey'],
  [{ apiKey: 'short' }, 'apiKey'],
  [{ apiKey: 'sk with spaces' }, 'apiKey'],
  [{ baseUrl: 'ftp://x/v1' }, 'baseUrl'],
  [{ baseUrl: 'http://name:secret@x/v1' }, 'baseUrl'],
])('refuses %j and names the field', async (key, field) => {
  const { status, body } = await bursar.client.send<ErrorBody>('PUT', '/providers/openai/key', key);
  expect([status, body.error.details?.[0]?.field]).toEqual([400, field]);
  expect(await opened.store.providerKeys.find('default', 'openai')).toBeUndefined();
});

test('limits are set, shown, and taken back', async () => {
  const model = 'anthropic/claude-haiku-4-5';
  const put = (more: object) => bursar.client.send('PUT', '/providers/limits', { model, ...more });
  const limit = async () =>
    (await bursar.client.get<{ limits: { model: string }[] }>('/providers/limits')).limits.find(
      (each) => each.model === model,
    );
  expect((await put({ requestsPerMinute: 50, tokensPerMinute: 9_000 })).status).toBe(204);
  expect(await limit()).toMatchObject({
    provider: 'anthropic',
    requestsPerMinute: { used: 0, allowed: 50 },
    tokensPerMinute: { used: 0, allowed: 9_000 },
    limitsFrom: 'admin',
    concurrency: { underWay: 0, allowed: 16 },
    blockedUntil: null,
  });
  await put({ requestsPerMinute: null });
  expect(await limit()).toMatchObject({ requestsPerMinute: { allowed: null } });
  expect((await put({ requestsPerMinute: 0 })).status).toBe(400);
});
