import type { AppError } from '../../../domain/errors.ts';
import type { OfflineWriter } from '../../../domain/llm.ts';
import { createOfflineModel } from '../../../gateways/llm/offline.ts';
import type { ProviderFailure } from '../../../gateways/llm/provider-failure.ts';
import { createTokenCounter } from '../../../gateways/llm/tokens.ts';
import { quiet, rejectionOf, requestOf } from './request.ts';

const countTokens = createTokenCounter();

const writeDocumentation: OfflineWriter = (step, facts) => {
  const { object } = facts as { object: { name: string } };
  return step === 'columns' ? JSON.stringify({ columns: [] }) : `The ${step} of ${object.name}.`;
};

const create = () => createOfflineModel({ writers: { documentation: writeDocumentation }, countTokens });

/** The code of each call's error, or `ok`, of so many calls in turn. */
async function outcomesOf(count: number, options: string, model = create()): Promise<string[]> {
  const outcomes: string[] = [];
  for (let call = 0; call < count; call += 1) {
    outcomes.push(
      await model.generate(requestOf({ model: `offline:${options}/gpt-5-mini` }), quiet()).then(
        () => 'ok',
        (error: AppError) => error.code,
      ),
    );
  }
  return outcomes;
}

test('writes the step from the facts with the token counts of the model it stands in for', async () => {
  const result = await create().generate(requestOf(), quiet());
  const parts = ['You document data models.', 'select id, amount from payments', 'Write a summary.'];
  expect(result).toEqual({
    text: 'The summary of payments.',
    usage: {
      inputTokens: parts.reduce((sum, part) => sum + countTokens('openai/gpt-5-mini', part), 0),
      outputTokens: countTokens('openai/gpt-5-mini', 'The summary of payments.'),
    },
  });
});

test('answers the same to the same request, call after call and model after model', async () => {
  const model = create();
  const first = await model.generate(requestOf(), quiet());
  expect(await model.generate(requestOf(), quiet())).toEqual(first);
  expect(await create().generate(requestOf({ model: 'offline' }), quiet())).toEqual(first);
});

test('an answer over the maximum of tokens is cut off like a real one, and its usage is kept', async () => {
  const error = (await rejectionOf(
    create().generate(requestOf({ maxOutputTokens: 2 }), quiet()),
  )) as AppError;
  expect(error.code).toBe('llm_output_invalid');
  expect((error.cause as ProviderFailure).usage).toMatchObject({ outputTokens: 2 });
});

test('a kind without a writer is a bug, not a failure of the model', async () => {
  const offline = { kind: 'toString', step: 'summary', facts: {} };
  const error = await rejectionOf(create().generate(requestOf({ offline }), quiet()));
  expect(error).toMatchObject({ name: 'Error', message: expect.stringContaining('"toString"') });
});

test.each([
  ['rateLimitEvery=3', ['ok', 'ok', 'llm_rate_limited', 'ok', 'ok', 'llm_rate_limited']],
  ['failEvery=2', ['ok', 'llm_unavailable', 'ok', 'llm_unavailable']],
  ['failEvery=2,failCode=llm_bad_request', ['ok', 'llm_bad_request', 'ok']],
  ['failFirst=2', ['llm_unavailable', 'llm_unavailable', 'ok', 'ok']],
  ['failObject=payments', ['llm_unavailable', 'llm_unavailable', 'llm_unavailable']],
  ['failObject=orders', ['ok', 'ok']],
  ['failObject=payments,failCode=llm_output_invalid', ['llm_output_invalid']],
  ['refuseEvery=2', ['ok', 'llm_refused']],
  ['keyMissing=1', ['llm_key_missing', 'llm_key_missing']],
  ['keyMissing=0', ['ok']],
  ['latency=3', ['llm_model_unknown']],
])('with %s calls end in turn as it says', async (options, expected) => {
  expect(await outcomesOf(expected.length, options)).toEqual(expected);
});

test('each set of options counts its own calls', async () => {
  const model = create();
  expect(await outcomesOf(1, 'failEvery=2', model)).toEqual(['ok']);
  expect(await outcomesOf(1, 'failEvery=2,latencyMs=0', model)).toEqual(['ok']);
  expect(await outcomesOf(1, 'failEvery=2', model)).toEqual(['llm_unavailable']);
});

test('faults given to the constructor hold for names without options only', async () => {
  const writers = { documentation: writeDocumentation };
  const model = createOfflineModel({ writers, countTokens, faults: { keyMissing: 1 } });
  expect(await rejectionOf(model.generate(requestOf(), quiet()))).toMatchObject({ code: 'llm_key_missing' });
  expect(await outcomesOf(1, 'keyMissing=0', model)).toEqual(['ok']);
});

test('a 429 names the wait that was asked for, one second by default', async () => {
  for (const [options, retryAfterMs] of [
    ['rateLimitEvery=1', 1000],
    ['rateLimitEvery=1,retryAfterMs=250', 250],
  ]) {
    const request = requestOf({ model: `offline:${options}` });
    expect(await rejectionOf(create().generate(request, quiet()))).toMatchObject({ retryAfterMs });
  }
});

test('a malformed answer is no JSON, an empty one is empty, and both are billed', async () => {
  const malformed = await create().generate(requestOf({ model: 'offline:malformedEvery=1' }), quiet());
  expect(() => JSON.parse(malformed.text)).toThrow();
  expect(malformed.usage.outputTokens).toBe(countTokens('offline', malformed.text));
  const empty = await create().generate(requestOf({ model: 'offline:emptyEvery=1' }), quiet());
  expect(empty).toMatchObject({ text: '', usage: { outputTokens: 0 } });
  expect(empty.usage.inputTokens).toBeGreaterThan(0);
});

test('an overbilled call costs the factor times the most that was asked for', async () => {
  const result = await create().generate(requestOf({ model: 'offline:overbillFactor=1.5' }), quiet());
  expect(result.usage.outputTokens).toBe(600);
});

test('latency is waited for before the answer', async () => {
  const started = performance.now();
  await create().generate(requestOf({ model: 'offline:latencyMs=60' }), quiet());
  expect(performance.now() - started).toBeGreaterThanOrEqual(55);
});

test('an abort during the latency ends the call long before it, with the reason of the signal', async () => {
  const controller = new AbortController();
  const reason = new Error('the run was cancelled');
  const call = create().generate(requestOf({ model: 'offline:latencyMs=60000' }), controller.signal);
  setTimeout(() => controller.abort(reason), 20);
  const started = performance.now();
  expect(await rejectionOf(call)).toBe(reason);
  expect(performance.now() - started).toBeLessThan(5_000);
});

test('a signal that is aborted already means no call', async () => {
  const reason = new Error('cancelled before');
  expect(await rejectionOf(create().generate(requestOf(), AbortSignal.abort(reason)))).toBe(reason);
});
