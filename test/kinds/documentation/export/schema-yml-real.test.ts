import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { DocumentedObject } from '../../../../domain/project.ts';
import { patchSchemaYml } from '../../../../kinds/documentation/export/schema-yml.ts';
import { testWithSharedData } from '../../../support/shared-data.ts';
import { column, documented, projectObject } from './objects.ts';

interface Entry {
  name: string;
  description?: string;
  columns?: { name: string; description?: string }[];
}

interface File {
  path: string;
  text: string;
}

for (const folder of ['dbt_stripe/models', 'jaffle_shop/models']) {
  testWithSharedData(
    `every yml of ${folder} stays byte-equal outside the descriptions that are added`,
    folder,
    (path) => {
      const files = ymlFiles(path);
      expect(files.length).toBeGreaterThan(2);
      const documents = documentsFor(files);
      const result = patch(files, documents);
      expect(result.skipped).toEqual([]);
      expect(result.files).toHaveLength(files.length);
      for (const [index, file] of files.entries()) {
        const patched = result.files[index]?.text ?? '';
        expect(withoutAddedLines(patched)).toBe(file.text);
        const expected = withDescriptions(parse(file.text), documents);
        expect(parse(patched)).toEqual(expected.tree);
        expect(result.files[index]?.added).toBe(expected.added);
      }
      expect(result.kept).toBeGreaterThan(0);
      expect(patch(result.files, documents).files).toEqual(
        result.files.map((file) => ({ ...file, added: 0 })),
      );
    },
  );

  testWithSharedData(`what is cut out of the yml of ${folder} comes back in its place`, folder, (path) => {
    const originals = ymlFiles(path);
    const documents = originals.flatMap((file) => entriesOf(file.text).map(ownDocument));
    const cut = originals.map((file) => ({ ...file, text: withoutDescriptions(file) }));
    const result = patch(cut, documents);
    expect(result.skipped).toEqual([]);
    for (const [index, file] of originals.entries()) {
      const patched = result.files[index]?.text ?? '';
      expect(wordsOf(parse(patched))).toEqual(wordsOf(withOneTextPerColumn(parse(file.text))));
    }
  });
}

function patch(files: File[], documents: DocumentedObject[]) {
  return patchSchemaYml(
    files,
    documents,
    documents.map(({ object }) => object),
  );
}

function ymlFiles(folder: string): File[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.yml'),
  );
  return paths
    .sort()
    .map((path) => ({ path: `models/${path}`, text: readFileSync(join(folder, path), 'utf8') }));
}

function entriesOf(text: string): Entry[] {
  return parse(text).models ?? [];
}

/** Generated texts for all that a yml lists, and for two columns that it does not list. */
function documentsFor(files: File[]): DocumentedObject[] {
  return files.flatMap((file) =>
    entriesOf(file.text).map((entry) => {
      const names = [...(entry.columns ?? []).map(({ name }) => name), 'added_one', 'added_two'];
      const object = projectObject(entry.name, {
        patchPath: file.path,
        columns: names.map((name) => column(name)),
      });
      const texts = names.map((name) => [name, `ADDED: ${name} of "${entry.name}" {{ x }} 'y' # z`]);
      return documented(object, `ADDED\n{% model %}: ${entry.name}.`, Object.fromEntries(texts));
    }),
  );
}

function withoutAddedLines(text: string): string {
  return text
    .replace(/\n *columns:(?=\n *- +name: added_one\n)/g, '')
    .replace(/\n?\n *- +name: added_\w+\n *description: "ADDED[^\n]*"/g, '')
    .replace(/\n *description: "ADDED[^\n]*"/g, '');
}

function withDescriptions(
  tree: { models?: Entry[] },
  documents: DocumentedObject[],
): { tree: unknown; added: number } {
  let added = 0;
  for (const entry of tree.models ?? []) {
    const content = documents.find(({ object }) => object.name === entry.name)?.content;
    if (!entry.description) {
      entry.description = `ADDED { % model %}: ${entry.name}.`;
      added += 1;
    }
    entry.columns ??= [];
    for (const name of Object.keys(content?.columns ?? {})) {
      const existing = entry.columns.find((each) => each.name === name);
      const description = `ADDED: ${name} of "${entry.name}" { { x }} 'y' # z`;
      if (existing?.description) continue;
      if (existing === undefined) entry.columns.push({ name, description });
      else existing.description = description;
      added += 1;
    }
  }
  return { tree, added };
}

/** A document with the very words that people wrote. */
function ownDocument(entry: Entry): DocumentedObject {
  const columns = (entry.columns ?? []).map(({ name, description }) => [name, description ?? '']);
  return documented(projectObject(entry.name), entry.description, Object.fromEntries(columns));
}

/** dbt_stripe lists a column twice, with two texts; a document has one per column. */
function withOneTextPerColumn(tree: { models?: Entry[] }): unknown {
  for (const entry of tree.models ?? []) {
    const texts = ownDocument(entry).content.columns ?? {};
    for (const each of entry.columns ?? []) {
      if (each.description !== undefined) each.description = texts[each.name] ?? '';
    }
  }
  return tree;
}

/** The file without its descriptions, but for folded blocks, where it describes models. */
function withoutDescriptions(file: File): string {
  if (parse(file.text).models === undefined) return file.text;
  return file.text.replace(/^( *)description: [^>|\n][^\n]*(?:\n\1 +[^\n]*)*\n?/gm, '');
}

/** All of a tree, with the words of texts only: what the patch breaks up for dbt reads the same. */
function wordsOf(tree: unknown): unknown {
  return JSON.parse(JSON.stringify(tree), (_key, value: unknown) =>
    typeof value === 'string'
      ? value
          .replace(/\{ (?=[{%])/g, '{')
          .replace(/\s+/g, ' ')
          .trim()
      : value,
  );
}
