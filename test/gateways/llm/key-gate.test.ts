import { createClosedKeys, createKeyGate } from '../../../gateways/llm/key-gate.ts';
import { createOfflineModel } from '../../../gateways/llm/offline.ts';
import { createTokenCounter } from '../../../gateways/llm/tokens.ts';
import { quiet, rejectionOf, requestOf } from './request.ts';

const LIMITED = 'offline:rateLimitEvery=2,retryAfterMs=500/gpt-5-mini';

function createGate(closedKeys = createClosedKeys()) {
  const clock = { now: 1_000_000 };
  const reached: string[] = [];
  const offline = createOfflineModel({
    writers: {
      documentation: (step) => {
        reached.push(step);
        return 'Written.';
      },
    },
    countTokens: createTokenCounter(),
  });
  const gate = createKeyGate({
    model: offline,
    closedKeys,
    now: () => clock.now,
  });
  const call = (model = LIMITED, org = 'one') => gate.generate({ ...requestOf({ model }), org }, quiet());
  return { clock, reached, call };
}

test('after a 429 calls get the rest of the wait at once, without reaching the provider', async () => {
  const { clock, reached, call } = createGate();
  await call();
  expect(await rejectionOf(call())).toMatchObject({ code: 'llm_rate_limited', retryAfterMs: 500 });
  clock.now += 499;
  expect(await rejectionOf(call())).toMatchObject({ code: 'llm_rate_limited', retryAfterMs: 1 });
  expect(reached).toHaveLength(1);
});

test('the key opens again when the time has come', async () => {
  const { clock, reached, call } = createGate();
  await call();
  await rejectionOf(call());
  clock.now += 500;
  expect((await call()).text).toBe('Written.');
  expect(reached).toHaveLength(2);
});

test('other keys stay open: another set of offline options, another provider', async () => {
  const { call } = createGate();
  await call();
  await rejectionOf(call());
  expect((await call('offline/gpt-5-mini')).text).toBe('Written.');
  expect((await call('offline:rateLimitEvery=2,retryAfterMs=501/gpt-5-mini')).text).toBe('Written.');
});

test('all models of a provider share its key, and gates over the same closed keys share them', async () => {
  const closedKeys = createClosedKeys();
  const first = createGate(closedKeys);
  const second = createGate(closedKeys);
  await first.call();
  await rejectionOf(first.call());
  expect(await rejectionOf(second.call(LIMITED.replace('gpt-5-mini', 'gpt-4o')))).toMatchObject({
    code: 'llm_rate_limited',
  });
  expect(second.reached).toHaveLength(0);
});

test('another organization has another key', async () => {
  const { call } = createGate();
  await call();
  await rejectionOf(call());
  expect((await call(LIMITED, 'two')).text).toBe('Written.');
});

test('other errors do not close the key', async () => {
  const { call } = createGate();
  const failing = 'offline:failFirst=1';
  expect(await rejectionOf(call(failing))).toMatchObject({ code: 'llm_unavailable' });
  expect((await call(failing)).text).toBe('Written.');
});

test('a shorter wait never shortens a longer one', () => {
  const closedKeys = createClosedKeys();
  closedKeys.close('openai', 5000);
  closedKeys.close('openai', 3000);
  expect(closedKeys.closedUntil('openai')).toBe(5000);
});
