import { isDeepStrictEqual } from 'node:util';
import { type Document, isMap, isSeq, parseDocument, visit, type YAMLSeq } from 'yaml';
import type { DocumentedObject } from '../../../domain/project.ts';
import { type Entry, type FilePlan, nameOf, planEntry, type Skipped, type Tree } from './yml-entry.ts';
import type { YmlStyle } from './yml-insert.ts';
import { applyEdits, columnOfKeys, columnsOfList, isRefusal, pairOf } from './yml-places.ts';
import { planVersions } from './yml-versions.ts';

export interface YmlFile {
  path: string;
  text: string;
}

/** A file as it was read: its entries under `models:`, or why it could not be read. */
export interface ReadYml {
  file: YmlFile;
  /** Values by position under `models:`, with the names; empty for a file without models. */
  models: { name: string; tree: Tree; position: number }[];
  tree: unknown;
  document?: Document.Parsed;
  unreadable?: string;
}

interface PatchedYml {
  text: string;
  added: number;
  kept: number;
  skipped: Skipped[];
}

/**
 * An alias counts against this where values are made of a file: a file built to explode is refused, not
 * expanded.
 */
const MAX_ALIASES = 10_000;

/** Reads one yml file; never throws. */
export function readYml(file: YmlFile): ReadYml {
  const nothing = { file, models: [], tree: undefined };
  if (/\r(?!\n)/.test(file.text))
    return { ...nothing, unreadable: 'it has line ends of a form that YAML readers differ on' };
  try {
    const document = parseDocument(file.text, { keepSourceTokens: true, merge: true, logLevel: 'error' });
    const problem = document.errors[0];
    if (problem !== undefined)
      return { ...nothing, unreadable: `it is not valid YAML: ${firstLine(problem.message)}` };
    const tree = valuesOf(document);
    return { file, document, tree, models: modelsOf(tree) };
  } catch (thrown) {
    return { ...nothing, unreadable: `it could not be read: ${firstLine(String(thrown))}` };
  }
}

/**
 * Adds the missing descriptions of the models that `documentsOf` knows. The text is returned as it was where
 * the result, parsed again, is not the original with exactly these descriptions added.
 */
export function patchYml(
  read: ReadYml,
  documentsOf: (name: string) => DocumentedObject[],
  hasEverywhere: (document: DocumentedObject, column: string) => boolean,
): PatchedYml {
  const { file, document } = read;
  const list = document && isMap(document.contents) ? pairOf(document.contents, 'models')?.value : undefined;
  const entries = read.models.map((model) => ({ ...model, documents: documentsOf(model.name) }));
  const wanted = entries.filter((entry) => entry.documents.length > 0);
  if (document === undefined || wanted.length === 0) return unchanged(file, []);
  if (!isSeq(list)) return unchanged(file, refuse(wanted, 'the list of models in its yml is an alias'));
  const sharedAnchors = anchorsInUse(document);
  if (
    [document.contents, list].some((node) => node?.anchor !== undefined && sharedAnchors.has(node.anchor))
  ) {
    return unchanged(file, refuse(wanted, 'the list of models in its yml stands in several places'));
  }
  const style = styleOf(file.text, list);
  const plan: FilePlan = { style, sharedAnchors, edits: [], added: 0, kept: 0, skipped: [] };
  for (const { documents, position, tree } of wanted) {
    const map = list.items[position];
    if (!isMap(map)) plan.skipped.push(...refuse([{ documents }], 'its entry in the yml is an alias'));
    else planModel(plan, { map, tree }, documents, hasEverywhere);
  }
  return checked(read, plan, wanted);
}

function planModel(
  plan: FilePlan,
  entry: Entry,
  documents: DocumentedObject[],
  hasEverywhere: (document: DocumentedObject, column: string) => boolean,
): void {
  const [only] = documents;
  if ('versions' in entry.tree) planVersions(plan, entry, documents, hasEverywhere);
  else if (only !== undefined && documents.length === 1) planEntry(plan, entry, only, () => 'add');
  else plan.skipped.push(...refuse([{ documents }], 'several models have this name'));
}

/** Human text is sacred: what was read must be there again, with the additions and nothing else. */
function checked(read: ReadYml, plan: FilePlan, wanted: { documents: DocumentedObject[] }[]): PatchedYml {
  const { added, kept, skipped } = plan;
  if (plan.edits.length === 0) return { text: read.file.text, added, kept, skipped };
  const text = applyEdits(read.file.text, plan.edits);
  const again = readYml({ path: read.file.path, text });
  if (again.unreadable === undefined && isDeepStrictEqual(again.tree, read.tree))
    return { text, added, kept, skipped };
  const reason = 'the change to its yml did not read back as expected, so the file was left as it is';
  return { ...unchanged(read.file, refuse(wanted, reason)), kept };
}

function unchanged(file: YmlFile, skipped: Skipped[]): PatchedYml {
  return { text: file.text, added: 0, kept: 0, skipped };
}

function refuse(entries: { documents: DocumentedObject[] }[], reason: string): Skipped[] {
  return entries.flatMap((entry) =>
    entry.documents.map(({ object }) => ({ object: object.uniqueId, reason })),
  );
}

function modelsOf(tree: unknown): ReadYml['models'] {
  const models = typeof tree === 'object' && tree !== null && 'models' in tree ? tree.models : undefined;
  if (!Array.isArray(models)) return [];
  return models.flatMap((model: unknown, position) => {
    const name = nameOf(model);
    return name === undefined ? [] : [{ name, tree: model as Tree, position }];
  });
}

/** Copied through JSON, so that what stands in several places by aliases changes in one place only. */
function valuesOf(document: Document.Parsed): unknown {
  return JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: MAX_ALIASES }) ?? null));
}

function anchorsInUse(document: Document.Parsed): Set<string> {
  const used = new Set<string>();
  visit(document, {
    Alias: (_key, alias) => {
      used.add(alias.source);
    },
  });
  return used;
}

/** The style of a file's lists of columns where it has one, else of its list of models. */
function styleOf(text: string, models: YAMLSeq): YmlStyle {
  const eol = /\r?\n/.exec(text)?.[0] ?? '\n';
  for (const model of models.items) {
    const columns = isMap(model) ? pairOf(model, 'columns')?.value : undefined;
    if (!isMap(model) || !isSeq(columns)) continue;
    const keys = columnOfKeys(text, model);
    const style = isRefusal(keys) ? undefined : listStyle(text, columns, keys);
    if (style !== undefined) return { text, eol, ...style };
  }
  return { text, eol, ...(listStyle(text, models, 0) ?? { offset: 2, gap: 2 }) };
}

function listStyle(text: string, list: YAMLSeq, keys: number): { offset: number; gap: number } | undefined {
  const place = columnsOfList(text, list);
  if (isRefusal(place) || place.dash < keys) return undefined;
  return { offset: place.dash - keys, gap: place.content - place.dash };
}

function firstLine(message: string): string {
  return message.split('\n')[0] ?? '';
}
