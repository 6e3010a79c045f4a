import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseBatch } from '../../../cli/input/batch-file.ts';

const messageOf = (text: string, file: string) =>
  parseBatch(text, file).then(
    () => 'nothing',
    (error: Error) => error.message,
  );

test('YAML and lines of JSON say the same', async () => {
  const yaml =
    'defaults:\n  kind: documentation\nruns:\n  - externalId: a\n  - { externalId: b, input: { x: 1 } }\n';
  const lines =
    '{"defaults":{"kind":"documentation"}}\r\n{"externalId":"a"}\r\n\r\n' +
    '{"externalId":"b","input":{"x":1}}\r\n';
  const batch = {
    defaults: { kind: 'documentation' },
    runs: [{ externalId: 'a' }, { externalId: 'b', input: { x: 1 } }],
  };
  expect(await parseBatch(yaml, 'b.yaml')).toEqual(batch);
  expect(await parseBatch(`\uFEFF${lines}`, 'b.jsonl')).toEqual(batch);
  expect(await parseBatch(JSON.stringify(batch), 'b.json')).toEqual(batch);
});

test('lines of JSON need no first line for all', async () => {
  expect(await parseBatch('{"externalId":"a"}\n{"externalId":"b"}', 'b.jsonl')).toEqual({
    runs: [{ externalId: 'a' }, { externalId: 'b' }],
  });
});

test.each([
  ['runs: [', 'b.yaml', /^invalid_input: b\.yaml is no YAML: /],
  ['- a\n- b', 'b.yaml', /b\.yaml is no batch: right would be fields like defaults, variables and runs/],
  ['defaults: {}', 'b.yaml', /b\.yaml has no runs: right would be a list `runs`/],
  ['', 'b.jsonl', /b\.jsonl has no runs/],
  ['{"externalId":"a"}\n{"externalId":', 'b.jsonl', /b\.jsonl, line 2: is no JSON/],
  ['{"externalId":"a"}\n\n["b"]', 'b.jsonl', /b\.jsonl, line 3: is no run; right would be/],
])('%j in %s is refused with what would be right', async (text, file, message) => {
  expect(await messageOf(text, file)).toMatch(message);
});

test.each(['shop.yaml', 'layers.jsonl'])('the example %s is a batch', async (name) => {
  const path = join(import.meta.dirname, '../../../examples/batch', name);
  const { runs } = await parseBatch(readFileSync(path, 'utf8'), name);
  expect(runs.length).toBeGreaterThan(2);
});
