import { findRefs, findSources } from './jinja.ts';
import type { ManifestTest } from './manifest-shape.ts';
import type { Draft } from './project-source.ts';
import { testName } from './test-names.ts';

/** Writes each test onto the column or object that it tests; a test whose object is unknown is left out. */
export function attachTests(tests: ManifestTest[], objects: Draft[]): void {
  const byId = new Map(objects.map((object) => [object.uniqueId, object]));
  for (const test of tests) {
    const object = testedObject(test, byId);
    if (object === undefined) continue;
    const options = test.test_metadata?.kwargs ?? {};
    const name = test.test_metadata ? testName(test.test_metadata.name, options) : test.name;
    const columnName =
      test.column_name ?? (typeof options.column_name === 'string' ? options.column_name : undefined);
    attach(object, columnName, name);
  }
}

function attach(object: Draft, columnName: string | undefined, name: string): void {
  if (columnName === undefined) {
    if (!object.tests.includes(name)) object.tests.push(name);
    return;
  }
  const wanted = bare(columnName);
  const column = object.columns.find((one) => bare(one.name) === wanted);
  const tests = column?.tests ?? object.tests;
  const shown = column === undefined ? `${name} on ${columnName}` : name;
  if (!tests.includes(shown)) tests.push(shown);
}

/** A column's name without quotes and case: tests name columns as SQL does. */
function bare(name: string): string {
  return name.replace(/^["`[]|["`\]]$/g, '').toLowerCase();
}

/**
 * `attached_node` says it from v9 on. Before, the test's `model` argument holds a ref or a source, and of
 * the nodes that a test depends on (a relationship has two) the one so named is meant.
 */
function testedObject(test: ManifestTest, byId: Map<string, Draft>): Draft | undefined {
  if (test.attached_node) return byId.get(test.attached_node);
  const candidates = (test.depends_on?.nodes ?? [])
    .map((id) => byId.get(id))
    .filter((one) => one !== undefined);
  if (candidates.length <= 1) return candidates[0];
  const model = String(test.test_metadata?.kwargs?.model ?? '');
  const [source] = findSources(model);
  const name = source?.table ?? findRefs(model)[0]?.name ?? test.file_key_name?.split('.').at(-1);
  const named = candidates.filter((candidate) => candidate.name === name);
  if (source === undefined) return named[0];
  return named.find((candidate) => candidate.uniqueId.endsWith(`.${source.source}.${source.table}`));
}
