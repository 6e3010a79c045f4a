import type { ProviderFailure } from '../../../gateways/llm/provider-failure.ts';
import { createSdkModel } from '../../../gateways/llm/sdk-model.ts';
import { createTokenCounter } from '../../../gateways/llm/tokens.ts';
import { VENDORS } from '../../../gateways/llm/vendors.ts';
import { type ProviderServer, startProviderServer } from '../../support/provider-server.ts';
import { quiet, rejectionOf, requestOf } from './request.ts';

let server: ProviderServer;
beforeAll(async () => {
  server = await startProviderServer();
});
beforeEach(() => {
  server.setFaults([]);
  server.calls.length = 0;
});
afterAll(() => server.close());

const asked = (changes = {}) => requestOf({ model: 'openai/gpt-5-mini', ...changes });
const create = (options = {}) =>
  createSdkModel(VENDORS.openai, {
    apiKey: 'sk-test',
    baseUrl: server.url,
    timeoutMs: 5000,
    ...options,
  });

const COLUMNS = {
  name: 'columns',
  jsonSchema: {
    type: 'object',
    properties: {
      columns: {
        type: 'array',
        items: {
          type: 'object',
          properties: { name: { type: 'string', enum: ['id', 'amount'] }, description: { type: 'string' } },
          required: ['name', 'description'],
          additionalProperties: false,
        },
      },
    },
    required: ['columns'],
    additionalProperties: false,
  },
};

test('sends system, context and instruction in that order, and nothing of the offline facts', async () => {
  await create().generate(asked(), quiet());
  const { request, headers } = server.calls[0] ?? {};
  expect(request).toEqual({
    model: 'gpt-5-mini',
    max_completion_tokens: 400,
    messages: [
      { role: 'developer', content: 'You document data models.' },
      { role: 'user', content: 'select id, amount from payments' },
      { role: 'user', content: 'Write a summary.' },
    ],
  });
  expect(headers?.authorization).toBe('Bearer sk-test');
});

test('a model that does not reason gets a system message and max_tokens', async () => {
  await create().generate(asked({ model: 'openai/gpt-4o' }), quiet());
  expect(server.calls[0]?.request).toMatchObject({ max_tokens: 400, messages: [{ role: 'system' }, {}, {}] });
});

test('returns the text, the id of the call, and cached and reasoning tokens apart', async () => {
  server.setFaults({
    usage: {
      prompt_tokens: 1200,
      completion_tokens: 300,
      prompt_tokens_details: { cached_tokens: 1024 },
      completion_tokens_details: { reasoning_tokens: 128 },
    },
  });
  const result = await create().generate(asked(), quiet());
  expect(result).toEqual({
    text: expect.stringContaining('Each row stands for'),
    usage: { inputTokens: 1200, outputTokens: 300, cachedReadTokens: 1024, reasoningTokens: 128 },
    requestId: 'req_1',
  });
});

test('asks for structured output with a schema, and returns JSON of it', async () => {
  const { text } = await create().generate(asked({ schema: COLUMNS }), quiet());
  expect(server.calls[0]?.request.response_format).toEqual({
    type: 'json_schema',
    json_schema: { name: 'columns', strict: true, schema: COLUMNS.jsonSchema },
  });
  const { columns } = JSON.parse(text) as { columns: { name: string }[] };
  expect(columns.map(({ name }) => name)).toEqual(['id', 'amount']);
});

test('counts the tokens itself where the server gives no usage', async () => {
  server.setFaults({ usage: null });
  const countTokens = createTokenCounter();
  const { text, usage } = await create({ countTokens }).generate(asked(), quiet());
  const parts = ['You document data models.', 'select id, amount from payments', 'Write a summary.'];
  expect(usage).toEqual({
    inputTokens: parts.reduce((sum, part) => sum + countTokens('openai/gpt-5-mini', part), 0),
    outputTokens: countTokens('openai/gpt-5-mini', text),
  });
});

test.each([
  [
    'more cached than there is',
    { prompt_tokens: 100, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 900 } },
  ],
  ['tokens that no request has', { prompt_tokens: 1e300, completion_tokens: 5 }],
])('%s is not believed', async (_what, usage) => {
  server.setFaults({ usage });
  const { usage: read } = await create({ countTokens: createTokenCounter() }).generate(asked(), quiet());
  expect(read.inputTokens).toBeLessThanOrEqual(100);
  expect(read.cachedReadTokens ?? 0).toBeLessThanOrEqual(read.inputTokens);
});

test('a call is one request, also when it fails: nothing is retried here', async () => {
  server.setFaults({ status: 500 });
  await rejectionOf(create().generate(asked(), quiet()));
  expect(server.calls).toHaveLength(1);
});

test('without a key no call is made, and the message names the variable', async () => {
  for (const model of [
    createSdkModel(VENDORS.openai, { timeoutMs: 5_000, baseUrl: server.url }),
    create({ apiKey: '' }),
  ]) {
    const error = await rejectionOf(model.generate(asked(), quiet()));
    expect(error).toMatchObject({ code: 'llm_key_missing', fatal: true });
    expect(error).toMatchObject({ publicMessage: expect.stringContaining('OPENAI_API_KEY') });
  }
  expect(server.calls).toHaveLength(0);
});

test('the key of the environment is not taken behind the back of the configuration', async () => {
  process.env.OPENAI_API_KEY = 'sk-environment';
  try {
    const error = await rejectionOf(
      createSdkModel(VENDORS.openai, { timeoutMs: 5_000, baseUrl: server.url }).generate(asked(), quiet()),
    );
    expect(error).toMatchObject({ code: 'llm_key_missing' });
  } finally {
    delete process.env.OPENAI_API_KEY;
  }
});

test.each(['localhost:9090/v1', 'nonsense', 'http://name:secret@localhost/v1'])(
  'the base URL "%s" is refused at once, without being repeated',
  (baseUrl) => {
    let thrown: unknown;
    try {
      createSdkModel(VENDORS.openai, { timeoutMs: 5_000, apiKey: 'sk-test', baseUrl });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'invalid_input', details: [{ field: 'OPENAI_BASE_URL' }] });
    expect(String(thrown)).not.toContain(baseUrl);
  },
);

test('a silent server is given up after the time-out', async () => {
  server.setFaults({ hang: true });
  const started = performance.now();
  const error = await rejectionOf(create({ timeoutMs: 150 }).generate(asked(), quiet()));
  expect(performance.now() - started).toBeLessThan(1000);
  expect(error).toMatchObject({
    code: 'llm_unavailable',
    retryable: true,
    cause: { providerCode: 'timeout' },
  });
});

test('an abort ends a call under way within 100 ms with the reason of the signal', async () => {
  server.setFaults({ hang: true });
  const controller = new AbortController();
  const reason = new Error('the run was cancelled');
  const call = rejectionOf(create().generate(asked(), controller.signal));
  while (server.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const started = performance.now();
  controller.abort(reason);
  expect(await call).toBe(reason);
  expect(performance.now() - started).toBeLessThan(100);
});

test.each([
  ['a refusal', { refusal: 'I cannot help with that.', empty: true }, 'llm_refused'],
  ['a content filter', { finishReason: 'content_filter' }, 'llm_refused'],
  ['an empty answer', { empty: true }, 'llm_output_invalid'],
  ['an answer that was cut off', { finishReason: 'length' }, 'llm_output_invalid'],
])('%s is an error that keeps what was billed', async (_what, fault, code) => {
  server.setFaults({ ...fault, usage: { prompt_tokens: 70, completion_tokens: 9 } });
  const error = await rejectionOf(create().generate(asked(), quiet()));
  expect(error).toMatchObject({ code });
  const { usage } = (error as { cause: ProviderFailure }).cause;
  expect(usage).toEqual({ inputTokens: 70, outputTokens: 9 });
});

test('a malformed answer is an error where JSON was asked for, and text where text was', async () => {
  server.setFaults({ malformed: true });
  expect(await rejectionOf(create().generate(asked({ schema: COLUMNS }), quiet()))).toMatchObject({
    code: 'llm_output_invalid',
  });
  expect((await create().generate(asked(), quiet())).text).toContain('{');
});
