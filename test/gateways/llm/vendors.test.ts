import { inspect } from 'node:util';
import { AppError } from '../../../domain/errors.ts';
import { VENDOR_NAMES, type VendorName } from '../../../domain/model-name.ts';
import type { ProviderFailure } from '../../../gateways/llm/provider-failure.ts';
import { createSdkModel } from '../../../gateways/llm/sdk-model.ts';
import { VENDORS } from '../../../gateways/llm/vendors.ts';
import { type Provider, startProvider } from '../../support/provider.ts';
import type { ProviderFault } from '../../support/provider-wire.ts';
import { quiet, rejectionOf, requestOf } from './request.ts';

const KEY = 'sk-marked-9b1c';
const MARKS = [KEY, 'MARKED-SYSTEM', 'MARKED-CONTEXT', 'MARKED-INSTRUCTION'];
const MODELS = { openai: 'gpt-5-mini', anthropic: 'claude-haiku-4-5', compatible: 'llama-3' };

// A process of its own: what it counts is what it got.
let provider: Provider;
beforeAll(async () => {
  provider = await startProvider();
});
beforeEach(() => provider.setFaults([]));
afterAll(() => provider.stop());

const modelOf = (name: VendorName, apiKey = KEY) =>
  createSdkModel(VENDORS[name], { apiKey, baseUrl: provider.url, timeoutMs: 400 });
const asked = (name: VendorName, changes = {}) =>
  requestOf({
    model: `${name}/${MODELS[name]}`,
    system: 'MARKED-SYSTEM',
    context: 'MARKED-CONTEXT',
    instruction: 'MARKED-INSTRUCTION',
    ...changes,
  });

/** Design section 7, row by row. */
const ROWS: [what: string, fault: ProviderFault, code: string][] = [
  ['a key that is not accepted', { status: 401, code: 'invalid_api_key' }, 'llm_key_rejected'],
  ['a key that may not', { status: 403, code: 'permission_error' }, 'llm_key_rejected'],
  ['a model that is not there', { status: 404, code: 'not_found_error' }, 'llm_model_unknown'],
  ['429 with seconds', { status: 429, retryAfter: 7 }, 'llm_rate_limited'],
  ['429 without a time', { status: 429, code: 'rate_limit_error' }, 'llm_rate_limited'],
  ['a request time-out', { status: 408 }, 'llm_unavailable'],
  ['a conflict', { status: 409 }, 'llm_unavailable'],
  ['an error of the server', { status: 500 }, 'llm_unavailable'],
  ['a server that is not ready', { status: 503 }, 'llm_unavailable'],
  ['a server that has too much to do', { status: 529, code: 'overloaded_error' }, 'llm_unavailable'],
  ['a server that hangs', { hang: true }, 'llm_unavailable'],
  ['an answer that breaks off', { cut: true }, 'llm_unavailable'],
  ['a request that is too long', { status: 413, code: 'request_too_large' }, 'llm_bad_request'],
  ['a request that is wrong', { status: 400, code: 'invalid_request_error' }, 'llm_bad_request'],
  [
    'an account without credit',
    { status: 400, code: 'invalid_request_error', message: 'Your credit balance is too low to go on.' },
    'llm_key_rejected',
  ],
  ['an answer that is no JSON', { body: '{"id": ' }, 'llm_output_invalid'],
  ['an empty answer', { empty: true }, 'llm_output_invalid'],
  ['an answer that is cut off', { finishReason: 'length' }, 'llm_output_invalid'],
  ['a refusal', { finishReason: 'content_filter', refusal: 'MARKED-INSTRUCTION' }, 'llm_refused'],
];

/** Anthropic's words for why an answer ends. */
const ANTHROPIC_REASONS: Record<string, string> = { length: 'max_tokens', content_filter: 'refusal' };

function faultFor(name: VendorName, fault: ProviderFault): ProviderFault {
  const { finishReason } = fault;
  if (name !== 'anthropic' || finishReason === undefined) return fault;
  return { ...fault, finishReason: ANTHROPIC_REASONS[finishReason] ?? finishReason };
}

describe.each(VENDOR_NAMES)('%s', (name) => {
  test.each(ROWS)('%s', async (_what, fault, code) => {
    const message = `${fault.message ?? ''}${KEY} MARKED-CONTEXT`;
    await provider.setFaults([{ ...faultFor(name, fault), every: 1, message }]);
    const error = (await rejectionOf(modelOf(name).generate(asked(name), quiet()))) as AppError;
    expect(error).toBeInstanceOf(AppError);
    expect(error.code).toBe(code);
    if (code === 'llm_rate_limited')
      expect(error.retryAfterMs).toBe(fault.retryAfter === undefined ? 60_000 : 7_000);
    const shown = inspect(error, { depth: 10 });
    for (const mark of MARKS) expect(shown).not.toContain(mark);
  });

  test('answers with its text, its usage and the id of the call', async () => {
    const result = await modelOf(name).generate(asked(name), quiet());
    expect(result.text).toMatch(/^Each row stands for/);
    expect(result.usage.inputTokens).toBeGreaterThan(0);
    expect(result.usage.outputTokens).toBeGreaterThan(0);
    expect(result.requestId).toMatch(/^req_\d+$/);
  });

  test('an answer that was billed and is of no use carries its usage', async () => {
    await provider.setFaults([{ every: 1, empty: true }]);
    const error = (await rejectionOf(modelOf(name).generate(asked(name), quiet()))) as AppError;
    expect((error.cause as ProviderFailure).usage?.inputTokens).toBeGreaterThan(0);
  });

  test('gives JSON where a schema asks for it', async () => {
    const jsonSchema = {
      type: 'object',
      properties: {
        columns: { type: 'array', items: { type: 'object', properties: { name: { enum: ['id'] } } } },
      },
      required: ['columns'],
      additionalProperties: false,
    };
    const request = asked(name, { schema: { name: 'columns', jsonSchema } });
    const { text } = await modelOf(name).generate(request, quiet());
    expect(JSON.parse(text)).toMatchObject({ columns: [{ name: 'id' }] });
  });

  test('says what it lets through, where its headers do', async () => {
    const headers =
      name === 'anthropic'
        ? { 'anthropic-ratelimit-requests-limit': '50', 'anthropic-ratelimit-tokens-limit': '80000' }
        : { 'x-ratelimit-limit-requests': '50', 'x-ratelimit-limit-tokens': '80000' };
    await provider.setFaults([{ every: 1, headers }]);
    const { limits } = await modelOf(name).generate(asked(name), quiet());
    expect(limits).toEqual({ requestsPerMinute: 50, tokensPerMinute: 80_000 });
  });

  test('ends at once when the caller aborts, though the server hangs', async () => {
    await provider.setFaults([{ every: 1, hang: true }]);
    const stopping = new AbortController();
    const answer = rejectionOf(modelOf(name).generate(asked(name), stopping.signal));
    stopping.abort(new Error('stopped'));
    expect(await answer).toMatchObject({ message: 'stopped' });
  });
});

test('cached, written and reasoning tokens are kept apart, and input counts all of it', async () => {
  await provider.setFaults([
    {
      every: 1,
      usage: {
        input_tokens: 100,
        output_tokens: 40,
        cache_creation_input_tokens: 300,
        cache_read_input_tokens: 600,
      },
    },
  ]);
  const anthropic = await modelOf('anthropic').generate(asked('anthropic'), quiet());
  expect(anthropic.usage).toEqual({
    inputTokens: 1_000,
    outputTokens: 40,
    cachedReadTokens: 600,
    cachedWriteTokens: 300,
  });
  await provider.setFaults([
    {
      every: 1,
      usage: {
        prompt_tokens: 1_000,
        completion_tokens: 90,
        prompt_tokens_details: { cached_tokens: 600 },
        completion_tokens_details: { reasoning_tokens: 50 },
      },
    },
  ]);
  const compatible = await modelOf('compatible').generate(asked('compatible'), quiet());
  expect(compatible.usage).toEqual({
    inputTokens: 1_000,
    outputTokens: 90,
    cachedReadTokens: 600,
    reasoningTokens: 50,
  });
});

describe('embeddings', () => {
  test.each(['openai', 'compatible'] as const)('%s turns a text into a vector', async (name) => {
    const request = { model: `${name}/text-embedding-3-small`, text: 'a word', dimensions: 16 };
    const result = await modelOf(name).embed(request, quiet());
    expect(result.vector).toHaveLength(16);
    expect(result.usage).toEqual({ inputTokens: 5, outputTokens: 0 });
  });

  test('an answer without a vector is none, and was billed', async () => {
    await provider.setFaults([{ every: 1, empty: true }]);
    const request = { model: 'openai/text-embedding-3-small', text: 'a word' };
    const error = (await rejectionOf(modelOf('openai').embed(request, quiet()))) as AppError;
    expect(error).toMatchObject({ code: 'llm_output_invalid', cause: { usage: { inputTokens: 5 } } });
  });

  test('Anthropic has none, and nothing is sent', async () => {
    const before = await provider.calls();
    const request = { model: 'anthropic/claude-haiku-4-5', text: 'a word' };
    expect(await rejectionOf(modelOf('anthropic').embed(request, quiet()))).toMatchObject({
      code: 'llm_model_unknown',
    });
    expect((await provider.calls()).count).toBe(before.count);
  });
});

test('a compatible server needs an address, and no key', async () => {
  const nowhere = createSdkModel(VENDORS.compatible, { timeoutMs: 400 });
  const error = (await rejectionOf(nowhere.generate(asked('compatible'), quiet()))) as AppError;
  expect(error.code).toBe('llm_key_missing');
  expect(error.publicMessage).toContain('COMPATIBLE_BASE_URL');
  expect((await modelOf('compatible', '').generate(asked('compatible'), quiet())).text).not.toBe('');
});

test('without a key OpenAI and Anthropic say how to set one, and nothing is sent', async () => {
  const before = await provider.calls();
  for (const name of ['openai', 'anthropic'] as const) {
    const error = (await rejectionOf(modelOf(name, '').generate(asked(name), quiet()))) as AppError;
    expect(error.code).toBe('llm_key_missing');
    expect(error.publicMessage).toContain(`bursar providers set-key ${name}`);
  }
  expect((await provider.calls()).count).toBe(before.count);
});
