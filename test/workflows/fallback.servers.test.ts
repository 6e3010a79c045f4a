import { type Bursar, startBursar } from '../support/bursar.ts';
import { type Provider, startProvider } from '../support/provider.ts';
import { SHOP } from '../support/shop.ts';

const FIRST = 'openai/gpt-4o-mini';
const SECOND = 'anthropic/claude-haiku-4-5';

interface Log {
  model: string;
  status: string;
}
interface Entry {
  scope: { provider?: string; model?: string };
}

let first: Provider;
let second: Provider;
let bursar: Bursar;
let projectId: string;
beforeAll(async () => {
  [first, second] = await Promise.all([startProvider(), startProvider()]);
  const environment = {
    ...first.environment,
    ANTHROPIC_BASE_URL: second.url,
    ANTHROPIC_API_KEY: 'test',
  };
  bursar = await startBursar({ environment });
  projectId = (await bursar.client.upload(SHOP, { name: 'shop' })).id;
}, 90_000);
afterAll(() => Promise.all([bursar?.stop(), first?.stop(), second?.stop()]));

async function runWith(model: string | string[], scope: object = {}) {
  const request = { kind: 'documentation', input: { projectId, layers: ['summary'] }, scope };
  const { id } = await bursar.client.post<{ id: string }>('/runs', {
    ...request,
    options: { model, maxRetries: 1, regenerateAll: true },
  });
  return id;
}

async function whoAnswered(id: string) {
  const { logs } = await bursar.client.get<{ logs: Log[] }>(`/runs/${id}/logs?limit=100`);
  const { entries } = await bursar.client.get<{ entries: Entry[] }>(`/costs/entries?run=${id}&limit=100`);
  return {
    logs: [...new Set(logs.map(({ model }) => model))],
    entries: [...new Set(entries.map(({ scope }) => `${scope.provider} ${scope.model}`))],
    count: entries.length,
  };
}

test('while the first model is down the second answers, and the log and the ledger say so', async () => {
  await first.setFaults([{ every: 1, status: 503 }]);
  const id = await runWith([FIRST, SECOND]);
  const ended = await bursar.client.untilEnded(id);
  expect([ended.state, ended.progress.done, ended.options.model]).toEqual(['completed', 15, FIRST]);
  expect(ended.options.fallbackModels).toEqual([SECOND]);
  expect(await whoAnswered(id)).toEqual({ logs: [SECOND], entries: [`anthropic ${SECOND}`], count: 15 });
  // One that is known to be down is not asked again for each object.
  expect((await first.calls()).count).toBeLessThanOrEqual(5);
});

test('without a second model the objects fail', async () => {
  await first.setFaults([{ every: 1, status: 503 }]);
  const ended = await bursar.client.until(
    await runWith(FIRST),
    ({ state, waitReason }) => state === 'completed_with_errors' || waitReason === 'failing',
    60_000,
  );
  expect(ended.progress.done).toBe(0);
  await bursar.client.send('POST', `/runs/${ended.id}/cancel`);
  await bursar.client.untilEnded(ended.id);
});

test('where the budget of the first model has nothing left, the second answers', async () => {
  await first.setFaults([]);
  const before = (await first.calls()).count;
  await bursar.client.post('/budgets', {
    name: 'little for the first',
    scope: { team: 'blue', model: FIRST },
    period: { type: 'monthly' },
    amountUsd: 0.000_000_001,
  });
  const id = await runWith([FIRST, SECOND], { team: 'blue' });
  expect((await bursar.client.untilEnded(id)).state).toBe('completed');
  expect(await whoAnswered(id)).toEqual({ logs: [SECOND], entries: [`anthropic ${SECOND}`], count: 15 });
  expect((await first.calls()).count).toBe(before);
});
