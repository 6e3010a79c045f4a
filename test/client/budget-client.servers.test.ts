import { setTimeout as sleep } from 'node:timers/promises';
import {
  createBudgetClient,
  createRateLimiter,
  errorCode,
  isPermanent,
  isRetryable,
} from '../../client/index.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';

let bursar: Bursar;
beforeAll(async () => {
  bursar = await startBursar();
});
afterAll(() => bursar.stop());

const clientOf = (more: object = {}) =>
  createBudgetClient({ url: bursar.client.url, apiKey: bursar.key, ...more });
const budget = (queue: string) =>
  bursar.client.post('/budgets', { name: queue, amountUsd: 10, scope: { queue }, period: { type: 'daily' } });

/** The check is at most a second behind, and so is what is spent. */
async function untilSays(queue: string, type: string, tries = 50): Promise<void> {
  const decision = await clientOf().check({ queue });
  if (decision.type === type) return;
  if (tries === 0) throw new Error(`still ${decision.type}: ${decision.message}`);
  await sleep(100);
  await untilSays(queue, type, tries - 1);
}

test('money is held, reported and given back; reports may be sent again', async () => {
  await budget('mail');
  const client = clientOf();
  const asked = { scope: { queue: 'mail' }, amountUsd: 4, idempotencyKey: 'job-1' };
  const hold = await client.hold(asked);
  expect(hold).toMatchObject({ amountUsd: 4, leftUsd: 4, state: 'open' });
  expect((await client.hold(asked)).id).toBe(hold.id);
  const usage = { inputTokens: 10, outputTokens: 5 };
  for (const _ of [1, 2])
    expect((await client.report(hold.id, { id: 'call-1', costUsd: 1.5, usage })).leftUsd).toBe(2.5);
  expect(await client.release(hold.id)).toMatchObject({ leftUsd: 0, state: 'closed' });
  await client.release(hold.id);
  const refused = await client.hold({ scope: { queue: 'mail' }, amountUsd: 9 }).catch((error) => error);
  expect([errorCode(refused), isRetryable(refused), isPermanent(refused)]).toEqual([
    'budget_exceeded',
    false,
    false,
  ]);
  expect(refused.details).toMatchObject([{ budgetName: 'mail', leftUsd: 8.5, neededUsd: 9 }]);
});

test('the pace follows the budget from allow over throttle to block', async () => {
  await budget('letters');
  const client = clientOf();
  const scope = { queue: 'letters' };
  const limiter = createRateLimiter({
    client,
    scope,
    perSecond: 1_000,
    checkEveryMs: 50,
    whenBlocked: 'throw',
  });
  expect(await limiter.take()).toMatchObject({ type: 'allow', factor: 1 });
  const spend = async (costUsd: number) =>
    client.report((await client.hold({ scope, amountUsd: costUsd })).id, { costUsd });
  await spend(9.2);
  await untilSays('letters', 'throttle');
  await sleep(60);
  expect(await limiter.take()).toMatchObject({ type: 'throttle', factor: 0.5 });
  await spend(0.8);
  await untilSays('letters', 'block');
  await sleep(60);
  await expect(limiter.take()).rejects.toMatchObject({ code: 'budget_exceeded' });
});

test('each error says whether to try again', async () => {
  const outcome = async (call: Promise<unknown>) => {
    const error = await call.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return [errorCode(error), isRetryable(error), isPermanent(error)];
  };
  expect(await outcome(clientOf({ apiKey: 'wrong' }).check())).toEqual(['not_authenticated', false, true]);
  expect(await outcome(clientOf({ url: 'http://127.0.0.1:9' }).check())).toEqual([
    'services_unavailable',
    true,
    false,
  ]);
  expect(await outcome(clientOf().report('hld_none', { costUsd: 1 }))).toEqual(['not_found', false, true]);
  expect(await outcome(clientOf().hold({ scope: {}, amountUsd: -1 }))).toEqual([
    'invalid_input',
    false,
    true,
  ]);
  const stopped = AbortSignal.abort(new Error('stopped'));
  await expect(clientOf({ signal: stopped }).check()).rejects.toThrow('stopped');
  expect(errorCode(new Error('another'))).toBe('unexpected');
});
