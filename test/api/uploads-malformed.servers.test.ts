import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildZip } from '../kinds/documentation/read/zip-builder.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { END, partHead, uploadParts, uploadStream } from './multipart.ts';
import { type ErrorBody, type OpenStore, openStore } from './second-organization.ts';

const TEMPORARY = mkdtempSync(join(tmpdir(), 'bursar-malformed-test-'));
let bursar: Bursar;
let opened: OpenStore;

beforeAll(async () => {
  bursar = await startBursar({ workers: 0, environment: { TMPDIR: TEMPORARY } });
  opened = await openStore(bursar);
});
afterAll(async () => {
  await opened.close();
  await bursar.stop();
});

/** After everything that a test sends: no project, no object, no file. */
afterEach(async () => {
  const { projects, objects } = opened.store;
  const counts = await Promise.all(
    [projects.model, objects.model, objects.files].map(({ collection }) => collection.countDocuments()),
  );
  expect(counts).toEqual([0, 0, 0]);
  expect(
    readdirSync(TEMPORARY).includes('bursar-uploads') ? readdirSync(join(TEMPORARY, 'bursar-uploads')) : [],
  ).toEqual([]);
});

const version = (number: number | string) => `https://schemas.getdbt.com/dbt/manifest/v${number}.json`;
const metadata = { dbt_schema_version: version(12), project_name: 'p', adapter_type: 'duckdb' };
const model = {
  unique_id: 'model.p.a',
  name: 'a',
  resource_type: 'model',
  package_name: 'p',
  original_file_path: 'models/a.sql',
};
const manifest = (nodes: unknown, more: object = {}) =>
  JSON.stringify({ metadata, nodes, sources: {}, ...more });
const withModel = (change: object) => manifest({ 'model.p.a': { ...model, ...change } });

const MANIFESTS: [string, string | Buffer, RegExp][] = [
  ['empty', '', /empty/],
  ['of spaces', '  \n', /empty/],
  ['truncated JSON', '{"metadata": {"dbt_schema_version": "x', /line 1/],
  ['a list', '[]', /expected an object, found an array/],
  ['plain text', 'hello', /neither a dbt manifest/],
  ['a binary', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2]), /binary/],
  ['a zip', buildZip([{ name: 'a', content: 'b' }]), /zip archive/],
  ['JSON of something else', '{"name": "x"}', /metadata is missing/],
  ['of no version', JSON.stringify({ metadata: {}, nodes: {} }), /dbt_schema_version is missing/],
  [
    'of version 13',
    JSON.stringify({ metadata: { dbt_schema_version: version(13) }, nodes: {} }),
    /v1 to v12/,
  ],
  ['of version 0', JSON.stringify({ metadata: { dbt_schema_version: version(0) }, nodes: {} }), /v1 to v12/],
  [
    'run results',
    JSON.stringify({ metadata: { dbt_schema_version: version(12).replace('manifest', 'run-results') } }),
    /run-results/,
  ],
  ['without nodes', JSON.stringify({ metadata }), /nodes: expected an object/],
  ['with a list of nodes', manifest([]), /nodes: expected an object/],
  ['without models', manifest({}), /no model/],
  ['with a node that is null', manifest({ 'model.p.a': null }), /model\.p\.a/],
  ['with a name that is a number', withModel({ name: 7 }), /name: expected string/],
  ['with columns of the wrong type', withModel({ columns: 'x' }), /columns/],
  ['with parents of the wrong type', withModel({ depends_on: { nodes: 'x' } }), /depends_on\.nodes/],
  ['with a path that leads out', withModel({ original_file_path: '../../etc/x.sql' }), /leads out/],
  ['with a name that is a path', withModel({ name: '../x' }), /is no name/],
  ['nested 100,000 deep', '['.repeat(100_000), /manifest/],
  ['with two nodes of one id', manifest({ x: model, y: model }), /two nodes/],
];

/** One sentence that says which part is wrong, without a path of the server. */
function expectClear(status: number, { error }: ErrorBody, problem: RegExp): void {
  expect([status, error.code]).toEqual([400, 'invalid_input']);
  expect(error.message).toMatch(problem);
  expect(error.message.length).toBeLessThan(400);
  expect(JSON.stringify(error)).not.toContain(TEMPORARY);
}

test.each(MANIFESTS)('a manifest %s is refused with a clear message', async (_what, content, problem) => {
  const { status, body } = await uploadParts(bursar, { manifest: content });
  expectClear(status, body, problem);
  expect(body.error.message).toMatch(/^manifest\b/);
});

test('a catalog that is none is refused by its name', async () => {
  for (const catalog of ['', '{}', '{"metadata"', withModel({})]) {
    const { status, body } = await uploadParts(bursar, {
      manifest: withModel({ raw_code: 'select 1 as x' }),
      catalog,
    });
    expectClear(status, body, /^catalog\b/);
  }
});

test.each([
  ['that is none', 'hello', /zip/],
  ['that is cut off', buildZip([{ name: 'p/models/a.sql', content: 'select 1' }]).subarray(0, 60), /zip/],
  ['without a file', buildZip([]), /./],
  ['without a model', buildZip([{ name: 'p/readme.md', content: 'x' }]), /./],
  ['with a path that leads out', buildZip([{ name: '../../evil.sql', content: 'select 1' }]), /evil|\.\./],
  ['with a link', buildZip([{ name: 'p/models/a.sql', content: '/etc/passwd', mode: 0o120777 }]), /./],
  [
    'that unpacks to more than it may',
    buildZip([{ name: 'p/models/a.sql', content: 'x', claimedBytes: 4e9 }]),
    /./,
  ],
] as [string, string | Buffer, RegExp][])('an archive %s is refused', async (_what, archive, problem) => {
  const { status, body } = await uploadParts(bursar, { archive });
  expect([400, 413]).toContain(status);
  expect(body.error.message).toMatch(problem);
  expect(JSON.stringify(body)).not.toContain(TEMPORARY);
});

describe('a form is refused', () => {
  test('with parts that are not known, twice there, or too few', async () => {
    const cases: [Record<string, string>, Record<string, string>, RegExp][] = [
      [{ file: 'x' }, {}, /file is not known/],
      [{ manifest: withModel({}), extra: 'x' }, {}, /extra is not known/],
      [{ manifest: withModel({}) }, { colour: 'red' }, /colour is not known/],
      [{}, { name: 'x' }, /manifest or the part archive/],
      [{ catalog: '{}' }, {}, /manifest or the part archive/],
      [{ manifest: withModel({}), archive: 'x' }, {}, /either/],
      [{ manifest: withModel({}) }, { name: '  ' }, /name must have/],
      [{ manifest: withModel({}) }, { name: 'x'.repeat(201) }, /name must have/],
    ];
    for (const [parts, texts, problem] of cases) {
      const { status, body } = await uploadParts(bursar, parts, texts);
      expectClear(status, body, problem);
    }
    const twice = [partHead('manifest'), '{}\r\n', partHead('manifest'), '{}', END];
    const { status, body } = await uploadStream(bursar, twice);
    expectClear(status, body, /manifest must come once/);
  });

  test('whose manifest is a text field instead of a file, with the way out', async () => {
    const { status, body } = await uploadParts(bursar, {}, { manifest: withModel({}) });
    expectClear(status, body, /manifest.*file/);
  });

  test('that ends before its end', async () => {
    for (const pieces of [
      [partHead('manifest'), '{"a": '],
      [partHead('manifest').slice(0, 30)],
      [],
      [partHead('name', false), 'x'],
    ]) {
      const { status, body } = await uploadStream(bursar, pieces);
      expectClear(status, body, /cut off|no multipart form|manifest/);
    }
  });

  test('that is none', async () => {
    const url = `${bursar.client.url}/api/v1/documentation/projects`;
    for (const type of [
      'application/json',
      'text/plain',
      'multipart/form-data',
      'multipart/mixed; boundary=x',
    ]) {
      const headers = { 'x-api-key': bursar.key, 'content-type': type };
      const response = await fetch(url, { method: 'POST', headers, body: '{}' });
      expectClear(response.status, (await response.json()) as ErrorBody, /multipart/);
    }
  });
});
