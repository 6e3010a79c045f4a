import { type Bursar, startBursar } from '../support/bursar.ts';
import { SHOP } from '../support/shop.ts';
import type { ErrorBody } from './second-organization.ts';

let bursar: Bursar;
let project: string;

beforeAll(async () => {
  bursar = await startBursar({ workers: 0 });
  project = (await bursar.client.upload(SHOP)).id;
});
afterAll(() => bursar.stop());

const send = (method: string, path: string, body?: unknown, headers = {}) =>
  bursar.client.send<ErrorBody>(method, path, body, headers);
const raw = async (path: string, init: RequestInit) => {
  const headers = { 'x-api-key': bursar.key, ...(init.headers as Record<string, string>) };
  const response = await fetch(`${bursar.client.url}/api/v1${path}`, { method: 'POST', ...init, headers });
  return { status: response.status, body: (await response.json()) as ErrorBody };
};
const json = { 'content-type': 'application/json' };
const run = (more: object = {}, options: object = {}) => ({
  kind: 'documentation',
  input: { projectId: project },
  options,
  ...more,
});
const fieldsOf = ({ error }: ErrorBody) => error.details?.map(({ field }) => field);

describe('an answer', () => {
  test('carries the id of its request, from the caller or made here', async () => {
    const given = await send('GET', '/runs/none', undefined, { 'x-request-id': 'from-me.1' });
    expect([given.headers.get('x-request-id'), given.body.error.requestId]).toEqual([
      'from-me.1',
      'from-me.1',
    ]);
    const made = await send('GET', '/runs/none');
    expect(made.body.error.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(made.headers.get('x-request-id')).toBe(made.body.error.requestId);
    const odd = await send('GET', '/status', undefined, { 'x-request-id': 'a b<script>' });
    expect(odd.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('to an error has a code, a message and the request id, and no more', async () => {
    const { body, status } = await send('GET', '/no-such-route');
    expect(status).toBe(404);
    expect(body).toEqual({
      error: {
        code: 'not_found',
        message: 'there is no route GET /api/v1/no-such-route',
        requestId: expect.any(String),
      },
    });
    expect((await send('PATCH', '/runs')).status).toBe(404);
  });

  test('to a new run says where it is', async () => {
    for (const [path, body] of [
      ['/runs', run()],
      ['/documentation/jobs', { projectId: project }],
    ] as const) {
      const { status, headers, body: made } = await bursar.client.send<{ id: string }>('POST', path, body);
      expect([status, headers.get('location')]).toEqual([202, `/api/v1${path}/${made.id}`]);
    }
  });
});

describe('a request is refused', () => {
  test('that is no JSON, with words about that', async () => {
    for (const body of ['{"kind": ', '', 'kind=documentation', '[1,2', '\u0000']) {
      const answer = await raw('/runs', { body, headers: json });
      expect([body, answer.status, answer.body.error.code]).toEqual([body, 400, 'invalid_input']);
      expect(answer.body.error.message).toMatch(/JSON|is not valid/);
    }
  });

  test('whose body is of another type, instead of taking it for an empty one', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    for (const path of [
      '/runs',
      '/runs/none/retry',
      `/documentation/projects/${project}/documents/approve`,
    ]) {
      const answer = await raw(path, { body: '{"run": "x", "fingerprint": "y"}', headers: form });
      expect([path, answer.status, answer.body.error.code]).toEqual([path, 400, 'invalid_input']);
      expect(fieldsOf(answer.body)).toEqual(['content-type']);
    }
  });

  test('whose JSON is larger than any that makes sense', async () => {
    const body = JSON.stringify(run({ input: { projectId: project, objectIds: ['x'.repeat(9_000_000)] } }));
    const declared = await raw('/runs', { body, headers: json });
    expect([declared.status, declared.body.error.code]).toEqual([413, 'too_large']);
    const streamed = await raw('/runs', {
      body: new Blob([body]).stream(),
      headers: json,
      duplex: 'half',
    } as RequestInit);
    expect([streamed.status, streamed.body.error.code]).toEqual([413, 'too_large']);
  });

  test.each([
    ['an unknown field', { ...run(), colour: 'red' }, /colour/],
    ['an unknown option', run({}, { conccurrency: 3 }), /conccurrency/],
    ['an unknown input', run({ input: { projectId: 'p', objectids: [] } }), /objectids/],
  ])('for %s, which it names', async (_what, body, name) => {
    for (const path of ['/runs', '/estimates']) {
      const answer = await send('POST', path, body);
      expect([path, answer.status]).toEqual([path, 400]);
      expect(JSON.stringify(answer.body.error.details)).toMatch(name);
      expect(answer.body.error.message).toMatch(name);
    }
  });

  test.each([
    ['kind', run({ kind: 'dance' })],
    ['companyId', run({ kind: 'intelligence' })],
    ['input', { kind: 'documentation' }],
    ['projectId', run({ input: {} })],
    ['objectIds', run({ input: { projectId: 'p', objectIds: [] } })],
    ['select', run({ input: { projectId: 'p', objectIds: ['a'], select: ['b'] } })],
    ['layers.0', run({ input: { projectId: 'p', layers: ['poetry'] } })],
    ['options.concurrency', run({}, { concurrency: 0 })],
    ['options.concurrency', run({}, { concurrency: 65 })],
    ['options.concurrency', run({}, { concurrency: 1.5 })],
    ['options.maxRetries', run({}, { maxRetries: 21 })],
    ['options.maxRetries', run({}, { maxRetries: '3' })],
    ['options.skipExisting', run({}, { skipExisting: 'yes' })],
    ['options.model', run({}, { model: '' })],
  ])('with the field named: %s', async (field, body) => {
    const answer = await send('POST', '/runs', body);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_input']);
    expect(fieldsOf(answer.body)).toContain(field);
    expect(answer.body.error.message).toContain(field);
  });

  test('for a job with the field named as the job has it', async () => {
    const jobs = [
      {},
      { projectId: project, layers: ['summary'] },
      { projectId: project, options: { layers: [] } },
    ];
    const answers = await Promise.all(jobs.map((job) => send('POST', '/documentation/jobs', job)));
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400]);
    expect(answers.map(({ body }) => body.error.message)).toEqual([
      expect.stringContaining('projectId'),
      expect.stringContaining('layers'),
      expect.stringContaining('options.layers'),
    ]);
  });

  test('for a key without a name or with an unknown role', async () => {
    for (const [field, body] of [
      ['name', { role: 'viewer' }],
      ['role', { name: 'x', role: 'owner' }],
    ] as const) {
      const answer = await send('POST', '/keys', body);
      expect([answer.status, fieldsOf(answer.body)]).toEqual([400, [field]]);
    }
  });

  test('for a retry of nothing and a concurrency out of bounds', async () => {
    const { id } = await bursar.client.startRun({ projectId: project });
    expect((await send('PUT', `/runs/${id}/concurrency`, { concurrency: 65 })).status).toBe(400);
    expect((await send('POST', `/runs/${id}/retry`, { fingerprint: '' })).status).toBe(400);
    const early = await send('POST', `/runs/${id}/retry`);
    expect([early.status, early.body.error.message]).toEqual([409, 'a run that is queued cannot be retried']);
    const resumed = await send('POST', `/runs/${id}/resume`);
    expect([resumed.status, resumed.body.error.code]).toEqual([409, 'conflict']);
  });
});

test('an estimate needs no Temporal and no worker, and a model without a price is named', async () => {
  const estimate = await bursar.client.post<{ items: number; calls: number }>('/estimates', run());
  expect(estimate).toMatchObject({ basis: 'cold', items: 15, calls: 90, reusedItems: 0 });
  const unknown = await send('POST', '/estimates', run({}, { model: 'openai/gpt-5-mimi' }));
  expect([unknown.status, unknown.body.error.code]).toEqual([400, 'price_unknown']);
  expect(unknown.body.error.message).toContain('gpt-5-mini');
});
