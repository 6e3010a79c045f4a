import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import type { DocumentedObject } from '../../../domain/project.ts';
import { columnTexts, modelText, type Skipped } from './yml-entry.ts';
import type { ColumnText } from './yml-insert.ts';
import { blockScalar, nameScalar } from './yml-scalar.ts';

interface NewYmlFiles {
  files: { path: string; text: string; added: number }[];
  kept: number;
  skipped: Skipped[];
}

interface Model {
  name: string;
  description?: string;
  columns?: ColumnText[];
}

/**
 * Files for the models that no yml mentions: one beside their SQL per folder, models by name. `taken` are the
 * paths that exist already; a name that is taken gets a number.
 */
export function newYmlFiles(documented: DocumentedObject[], taken: Iterable<string>): NewYmlFiles {
  const result: NewYmlFiles = { files: [], kept: 0, skipped: [] };
  const paths = new Set([...taken].map((path) => path.toLowerCase()));
  for (const [folder, members] of [...byFolder(documented, result)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const models = members
      .sort((a, b) => (a.object.name < b.object.name ? -1 : 1))
      .map((each) => modelOf(each, result))
      .filter((model) => model.description !== undefined || model.columns !== undefined);
    if (models.length === 0) continue;
    const path = freePath(folder, paths);
    const text = write(models);
    if (isDeepStrictEqual(parse(text), { version: 2, models })) {
      result.files.push({ path, text, added: models.reduce((sum, model) => sum + countOf(model), 0) });
    } else {
      const reason = 'the new yml did not read back as expected, so it was not written';
      result.skipped.push(...members.map(({ object }) => ({ object: object.uniqueId, reason })));
    }
  }
  return result;
}

function byFolder(documented: DocumentedObject[], result: NewYmlFiles): Map<string, DocumentedObject[]> {
  const folders = new Map<string, DocumentedObject[]>();
  for (const each of documented) {
    const path = each.object.path.replaceAll('\\', '/');
    if (path === '' || path.startsWith('/') || /^[a-z]:/i.test(path) || path.split('/').includes('..')) {
      const reason = 'no yml mentions it, and the path of its code is not known';
      result.skipped.push({ object: each.object.uniqueId, reason });
      continue;
    }
    const folder = path.split('/').slice(0, -1).join('/');
    const members = folders.get(folder) ?? [];
    members.push(each);
    folders.set(folder, members);
  }
  return folders;
}

/** Only what people have not described already; their text may come from where no yml shows it. */
function modelOf(documented: DocumentedObject, result: NewYmlFiles): Model {
  const { object } = documented;
  const human = new Set(
    object.columns.filter((column) => column.description.trim() !== '').map(({ name }) => name),
  );
  const columns = columnTexts(documented).filter((column) => !human.has(column.name));
  result.kept += columnTexts(documented).length - columns.length;
  const text = modelText(documented);
  const isKept = text !== '' && object.description.trim() !== '';
  if (isKept) result.kept += 1;
  return {
    name: object.name,
    ...(text === '' || isKept ? {} : { description: text }),
    ...(columns.length === 0 ? {} : { columns }),
  };
}

function freePath(folder: string, paths: Set<string>): string {
  const start = folder === '' ? '' : `${folder}/`;
  let path = `${start}_bursar_models.yml`;
  for (let number = 2; paths.has(path.toLowerCase()); number += 1)
    path = `${start}_bursar_models_${number}.yml`;
  paths.add(path.toLowerCase());
  return path;
}

function write(models: Model[]): string {
  return `version: 2\n\nmodels:\n${models.map(modelLines).join('\n')}`;
}

function modelLines(model: Model): string {
  const lines = [`  - name: ${nameScalar(model.name)}`];
  if (model.description !== undefined)
    lines.push(`    description: ${blockScalar(model.description, 6, '\n')}`);
  if (model.columns !== undefined) lines.push('    columns:');
  for (const column of model.columns ?? []) {
    lines.push(`      - name: ${nameScalar(column.name)}`);
    lines.push(`        description: ${blockScalar(column.description, 10, '\n')}`);
  }
  return `${lines.join('\n')}\n`;
}

function countOf(model: Model): number {
  return (model.description === undefined ? 0 : 1) + (model.columns?.length ?? 0);
}
