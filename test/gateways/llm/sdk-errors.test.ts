import { inspect } from 'node:util';
import { AppError } from '../../../domain/errors.ts';
import { ProviderFailure } from '../../../gateways/llm/provider-failure.ts';
import { createSdkModel } from '../../../gateways/llm/sdk-model.ts';
import { VENDORS } from '../../../gateways/llm/vendors.ts';
import { type ProviderServer, startProviderServer } from '../../support/provider-server.ts';
import type { ProviderFault } from '../../support/provider-wire.ts';
import { quiet, rejectionOf, requestOf } from './request.ts';

const KEY = 'sk_marked_key_7f3a';
const SECRETS = [
  KEY,
  'MARKED-SYSTEM',
  'MARKED-CONTEXT',
  'MARKED-INSTRUCTION',
  'MARKED-FACT',
  'MARKED-ANSWER',
];
const NOW = Date.parse('2030-01-01T00:00:00Z');

let server: ProviderServer;
beforeAll(async () => {
  server = await startProviderServer({ reply: () => 'MARKED-ANSWER' });
});
afterAll(() => server.close());

const asked = requestOf({
  model: 'openai/gpt-5-mini',
  system: 'MARKED-SYSTEM',
  context: 'MARKED-CONTEXT',
  instruction: 'MARKED-INSTRUCTION',
  offline: { kind: 'documentation', step: 'summary', facts: 'MARKED-FACT' },
});

async function failWith(fault: ProviderFault, baseUrl = server.url, schema = false): Promise<AppError> {
  server.setFaults(fault);
  const model = createSdkModel(VENDORS.openai, { apiKey: KEY, baseUrl, timeoutMs: 300, now: () => NOW });
  const request = schema ? { ...asked, schema: { name: 'any', jsonSchema: { type: 'object' } } } : asked;
  const error = await rejectionOf(model.generate(request, quiet()));
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
}

test.each<[ProviderFault, string]>([
  [{ status: 401, code: 'invalid_api_key' }, 'llm_key_rejected'],
  [{ status: 403 }, 'llm_key_rejected'],
  [{ status: 402 }, 'llm_key_rejected'],
  [{ status: 404, code: 'model_not_found' }, 'llm_model_unknown'],
  [{ status: 404 }, 'llm_model_unknown'],
  [{ status: 403, code: 'model_not_found' }, 'llm_model_unknown'],
  [{ status: 429 }, 'llm_rate_limited'],
  [{ status: 429, code: 'rate_limit_exceeded', type: 'tokens' }, 'llm_rate_limited'],
  [{ status: 429, code: 'insufficient_quota' }, 'llm_key_rejected'],
  [{ status: 429, type: 'insufficient_quota' }, 'llm_key_rejected'],
  [{ status: 408 }, 'llm_unavailable'],
  [{ status: 409 }, 'llm_unavailable'],
  [{ status: 500 }, 'llm_unavailable'],
  [{ status: 502, body: '<html>Bad gateway</html>' }, 'llm_unavailable'],
  [{ status: 503, body: '' }, 'llm_unavailable'],
  [{ status: 529 }, 'llm_unavailable'],
  [{ status: 400, code: 'context_length_exceeded' }, 'llm_bad_request'],
  [{ status: 400, code: 'content_filter' }, 'llm_refused'],
  [{ status: 413 }, 'llm_bad_request'],
  [{ status: 422 }, 'llm_bad_request'],
  [{ cut: true }, 'llm_unavailable'],
  [{ hang: true }, 'llm_unavailable'],
  [{ body: '<html>Welcome</html>' }, 'llm_output_invalid'],
  [{ body: '{"choices": []}' }, 'llm_output_invalid'],
  [{ body: '{"object": "list"}' }, 'llm_output_invalid'],
])('%j becomes %s', async (fault, code) => {
  expect((await failWith(fault)).code).toBe(code);
});

test('a server that wants no key has the same codes', async () => {
  const wanted: [ProviderFault, string][] = [
    [{ status: 400, code: 'content_filter' }, 'llm_refused'],
    [{ status: 429, code: 'insufficient_quota' }, 'llm_key_rejected'],
  ];
  for (const [fault, code] of wanted) {
    server.setFaults(fault);
    const model = createSdkModel(VENDORS.compatible, { apiKey: '', baseUrl: server.url, timeoutMs: 2_000 });
    const request = { ...asked, model: 'compatible/gpt-5-mini' };
    expect(await rejectionOf(model.generate(request, quiet()))).toMatchObject({ code });
  }
});

test('a server that is not there and a host that does not exist are unavailable', async () => {
  const stopped = await startProviderServer();
  await stopped.close();
  expect(await failWith({}, stopped.url)).toMatchObject({
    code: 'llm_unavailable',
    retryable: true,
    cause: { providerCode: 'ECONNREFUSED' },
  });
  expect(await failWith({}, 'http://does-not-exist.invalid/v1')).toMatchObject({ code: 'llm_unavailable' });
});

test.each([
  [{}, 60_000],
  [{ retryAfter: 7 }, 7000],
  [{ retryAfter: 'Tue, 01 Jan 2030 00:00:30 GMT' }, 30_000],
  [{ headers: { 'retry-after-ms': '250' } }, 250],
])('a 429 with %j is waited for %d ms', async (fault, retryAfterMs) => {
  expect(await failWith({ status: 429, ...fault })).toMatchObject({ retryAfterMs });
});

test('the message says status, code and parameter, and what to do about key and quota', async () => {
  const badRequest = await failWith({ status: 400, code: 'unsupported_value', param: 'messages[0].role' });
  expect(badRequest.publicMessage).toContain(
    'status 400, code unsupported_value, parameter messages[0].role',
  );
  expect((await failWith({ status: 401 })).publicMessage).toContain('OPENAI_API_KEY');
  expect((await failWith({ status: 404 })).publicMessage).toContain('"gpt-5-mini"');
  const quota = await failWith({ status: 429, code: 'insufficient_quota' });
  expect(quota.publicMessage).toContain('no quota left');
});

// A provider that repeats everything it got, in every place that is read.
const ECHO = SECRETS.join(' ');
test.each<[ProviderFault]>([
  [{ status: 400, message: ECHO, code: KEY, type: 'MARKED-CONTEXT', param: 'MARKED-SYSTEM' }],
  [{ status: 401, message: `Incorrect API key provided: ${KEY}`, code: `wrong_${KEY}` }],
  [{ status: 429, message: ECHO, headers: { 'retry-after': 'MARKED-FACT', 'x-echo': ECHO } }],
  [{ status: 500, body: ECHO }],
  [{ status: 200, body: ECHO }],
  [{ status: 200, body: JSON.stringify({ choices: [], echo: ECHO }) }],
  [{ status: 404, body: JSON.stringify({ error: { message: ECHO, code: { deep: ECHO } } }) }],
  [{ empty: true, refusal: ECHO }],
  [{ finishReason: 'length' }],
  [{ cut: true }],
  [{ hang: true }],
  [{}],
])('no key, prompt, fact or answer is in the error of %j', async (fault) => {
  const error = await failWith(fault, server.url, true);
  const whole = [
    inspect(error, { depth: null, showHidden: true, getters: true }),
    JSON.stringify(error, Object.getOwnPropertyNames(error)),
    JSON.stringify(error),
    String(error.stack),
    error.publicMessage,
  ].join('\n');
  for (const secret of SECRETS) expect(whole).not.toContain(secret);
  expect(error.cause).toBeInstanceOf(ProviderFailure);
  expect((error.cause as Error).cause).toBeUndefined();
});

test('a key that HTTP cannot carry is refused before the call, without being repeated', async () => {
  const apiKey = `${KEY}\nline`;
  const model = createSdkModel(VENDORS.openai, { timeoutMs: 5_000, apiKey, baseUrl: server.url });
  const error = await rejectionOf(model.generate(asked, quiet()));
  expect(error).toMatchObject({ code: 'llm_key_rejected' });
  expect(inspect(error, { depth: null })).not.toContain(KEY);
});
