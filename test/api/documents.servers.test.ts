import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApiRun } from '../../api/run-schemas.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { SHOP } from '../support/shop.ts';
import { uploadParts, zipOf } from './multipart.ts';
import type { ErrorBody } from './second-organization.ts';

const EXAMPLE = join(import.meta.dirname, '../../examples/shop');
let bursar: Bursar;
let project: string;

beforeAll(async () => {
  bursar = await startBursar();
  project = (await bursar.client.upload(SHOP)).id;
});
afterAll(() => bursar.stop());

interface Document {
  id: string;
  name: string;
  version: number;
  state: string;
  content: { text: Record<string, string>; columns?: Record<string, string> };
  run: string;
  decidedBy?: string;
  decidedAt?: string;
}

async function document(objects: string, layers: string[], options = {}, of = project): Promise<ApiRun> {
  const input = { projectId: of, select: objects.split(' '), layers };
  const { id } = await bursar.client.startRun(input, options);
  const run = await bursar.client.untilEnded(id);
  expect([run.state, run.message]).toEqual(['completed', run.message]);
  return run;
}
const callsOf = async ({ id }: ApiRun) =>
  (await bursar.client.get<{ total: number }>(`/runs/${id}/logs`)).total;
const documentsOf = async ({ id }: ApiRun) =>
  (await bursar.client.get<{ documents: Document[] }>(`/runs/${id}/documents`)).documents;
/** States of the versions of an object, the oldest first. */
async function statesOf(name: string, of = project): Promise<string[]> {
  const path = `/documentation/projects/${of}/documents?limit=100`;
  const { documents } = await bursar.client.get<{ documents: Document[] }>(path);
  const versions = documents.filter((each) => each.name === name).toSorted((a, b) => a.version - b.version);
  expect(versions.map(({ version }) => version)).toEqual(versions.map((_, index) => index + 1));
  return versions.map(({ state }) => state);
}
const decide = (id: string, decision: string) =>
  bursar.client.send<Document & ErrorBody>('POST', `/documents/${id}/${decision}`);

describe('a version', () => {
  test('is proposed, then approved or rejected by somebody at some time, once', async () => {
    const run = await document('stg_orders stg_returns', ['summary']);
    const [one, other] = await documentsOf(run);
    expect([one?.state, one?.version, one?.decidedBy]).toEqual(['proposed', 1, undefined]);
    const approved = await decide(one?.id ?? '', 'approve');
    expect([approved.status, approved.body.state]).toEqual([200, 'approved']);
    expect(approved.body.decidedBy).toBe(run.triggeredBy.id);
    expect(Date.parse(approved.body.decidedAt ?? '')).toBeLessThanOrEqual(Date.now());
    expect(await decide(one?.id ?? '', 'approve')).toMatchObject({ status: 200, body: approved.body });
    const contradicted = await decide(one?.id ?? '', 'reject');
    expect([contradicted.status, contradicted.body.error.code]).toEqual([409, 'conflict']);
    expect(contradicted.body.error.message).toBe('the document is approved, not a proposal');
    expect((await decide(other?.id ?? '', 'reject')).body.state).toBe('rejected');
    expect((await decide(other?.id ?? '', 'approve')).status).toBe(409);
  });

  test('makes the proposals before it obsolete; approved, also the approved one before', async () => {
    const first = await document('stg_products', ['summary']);
    await decide((await documentsOf(first))[0]?.id ?? '', 'approve');
    await document('stg_products', ['summary'], { regenerateAll: true });
    const third = await document('stg_products', ['summary'], { regenerateAll: true });
    expect(await statesOf('stg_products')).toEqual(['approved', 'superseded', 'proposed']);
    await decide((await documentsOf(third))[0]?.id ?? '', 'approve');
    expect(await statesOf('stg_products')).toEqual(['superseded', 'superseded', 'approved']);
  });

  test('that is decided twice at once is decided one way', async () => {
    const run = await document('stg_payments', ['summary']);
    const [proposal] = await documentsOf(run);
    const decisions = ['approve', 'reject', 'approve', 'reject', 'approve', 'reject'];
    const answers = await Promise.all(decisions.map((decision) => decide(proposal?.id ?? '', decision)));
    const good = new Set(answers.filter(({ status }) => status === 200).map(({ body }) => body.state));
    expect(good.size).toBe(1);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]));
  });

  test('is decided with all others of a run, or of the project', async () => {
    const one = await document('stg_customers', ['summary'], { regenerateAll: true });
    await document('stg_order_items stg_web_sessions', ['summary'], { regenerateAll: true });
    const all = `/documentation/projects/${project}/documents`;
    expect(await bursar.client.post(`${all}/approve`, { run: one.id })).toEqual({ decided: 1 });
    expect(await statesOf('stg_order_items')).toEqual(['proposed']);
    expect(await bursar.client.post(`${all}/reject`, {})).toEqual({ decided: 2 });
    expect(await bursar.client.post(`${all}/reject`, {})).toEqual({ decided: 0 });
    expect([await statesOf('stg_customers'), await statesOf('stg_web_sessions')]).toEqual([
      ['approved'],
      ['rejected'],
    ]);
  });
});

describe('what is written anew', () => {
  let of: string;
  beforeAll(async () => {
    of = (await bursar.client.upload(SHOP, { name: 'again' })).id;
    const run = await document('stg_orders stg_products stg_payments', ['summary', 'lineage'], {}, of);
    const documents = await documentsOf(run);
    await decide(documents.find(({ name }) => name === 'stg_orders')?.id ?? '', 'approve');
    await decide(documents.find(({ name }) => name === 'stg_payments')?.id ?? '', 'reject');
  });
  const again = (options: object, layers = ['summary', 'lineage']) =>
    document('stg_orders stg_products stg_payments', layers, options, of);

  test('are proposals and rejected ones, while approved text stays', async () => {
    const run = await again({});
    expect([run.progress.reused, run.progress.done, await callsOf(run)]).toEqual([1, 2, 4]);
    expect((await documentsOf(run)).map(({ name }) => name).toSorted()).toEqual([
      'stg_payments',
      'stg_products',
    ]);
    expect(await statesOf('stg_orders', of)).toEqual(['approved']);
  });

  test('is nothing unchanged with skipExisting, and it costs nothing', async () => {
    const run = await again({ skipExisting: true });
    expect([run.progress.reused, run.progress.processed, await callsOf(run)]).toEqual([3, 3, 0]);
    expect([run.cost.actualUsd, run.tokens]).toEqual([0, { input: 0, output: 0 }]);
  });

  test('is a layer that is missing, and layers that are still true come along', async () => {
    const run = await again({ skipExisting: true }, ['summary', 'limitations']);
    expect([run.progress.done, await callsOf(run)]).toEqual([3, 3]);
    for (const { content } of await documentsOf(run))
      expect(Object.keys(content.text).toSorted()).toEqual(['limitations', 'lineage', 'summary']);
  });

  test('is everything with regenerateAll', async () => {
    const run = await again({ regenerateAll: true }, ['summary']);
    expect([run.progress.reused, run.progress.done, await callsOf(run)]).toEqual([0, 3, 3]);
    for (const { content } of await documentsOf(run))
      expect(Object.keys(content.text).toSorted()).toEqual(['limitations', 'lineage', 'summary']);
  });

  test('is everything where the glossary has changed, and old layers stay behind', async () => {
    await bursar.client.upload(SHOP, { name: 'again', glossary: 'order: what a customer bought at once' });
    const run = await again({ skipExisting: true }, ['summary']);
    expect([run.progress.reused, run.progress.done]).toEqual([0, 3]);
    for (const { content } of await documentsOf(run)) expect(Object.keys(content.text)).toEqual(['summary']);
  });
});

describe('the export', () => {
  let of: string;
  const linesOf = async (query: string) => {
    const path = `/documentation/projects/${of}/export?${query}`;
    const { status, headers, body } = await bursar.client.send<string>('GET', path);
    expect([status, headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return text
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, never>);
  };
  beforeAll(async () => {
    const { body } = await uploadParts(bursar, { archive: zipOf(EXAMPLE) }, { name: 'exported' });
    of = body.id;
    await document('*', ['summary', 'columns'], { concurrency: 16 }, of);
  });

  test('as Markdown is an index and a page for each model', async () => {
    const files = (await linesOf('format=markdown')) as unknown as { path: string; text: string }[];
    expect(files.length).toBeGreaterThanOrEqual(16);
    for (const { path, text } of files) {
      expect(path).toMatch(/^[\w./-]+\.md$/);
      expect(text).toMatch(/^# /m);
    }
    expect(files.map(({ text }) => text).join('')).toContain('customer_lifetime_value');
  });

  test('as schema.yml adds descriptions to the files, and leaves every line that people wrote', async () => {
    const lines = (await linesOf('format=schema-yml')) as {
      path?: string;
      text?: string;
      summary?: Record<string, number>;
    }[];
    const { summary } = lines.at(-1) ?? {};
    const files = lines.slice(0, -1);
    expect(files.length).toBeGreaterThan(0);
    expect(summary?.added).toBeGreaterThan(0);
    expect(Object.keys(summary ?? {}).toSorted()).toEqual(['added', 'kept', 'skipped']);
    const known = files.filter(({ path = '' }) => existsSync(join(EXAMPLE, path)));
    expect(known.length).toBeGreaterThan(0);
    for (const { path = '', text = '' } of known) {
      // An empty description is no text of people: it may be filled in.
      const written = readFileSync(join(EXAMPLE, path), 'utf8')
        .split('\n')
        .filter((line) => !line.includes('description: ""'));
      const patched = text.split('\n');
      let at = 0;
      for (const line of patched) if (line === written[at]) at += 1;
      expect([path, written.slice(at, at + 1)]).toEqual([path, []]);
      expect(patched.length).toBeGreaterThan(written.length);
    }
  });

  test('of approved text alone is empty before anything is approved', async () => {
    const summary = (await linesOf('format=schema-yml&state=approved')).at(-1) as unknown as {
      summary: { added: number };
    };
    expect(summary.summary.added).toBe(0);
    await bursar.client.post(`/documentation/projects/${of}/documents/approve`, {});
    const after = (await linesOf('format=schema-yml&state=approved')).at(-1) as unknown as {
      summary: { added: number };
    };
    expect(after.summary.added).toBeGreaterThan(0);
  });

  test('knows its formats', async () => {
    const { status, body } = await bursar.client.send<ErrorBody>(
      'GET',
      `/documentation/projects/${of}/export?format=pdf`,
    );
    expect([status, body.error.details?.[0]?.field]).toEqual([400, 'format']);
  });
});
