import { isAlias, isMap, isScalar, isSeq, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import type { DocumentedObject } from '../../../domain/project.ts';
import { addColumns, addDescription, type ColumnText, fillDescription, type YmlStyle } from './yml-insert.ts';
import { type Edit, isRefusal, pairOf, type Refusal } from './yml-places.ts';
import { descriptionText, oneParagraph } from './yml-scalar.ts';

/** A part of a yml file as plain values, as the `yaml` library gives them. */
export type Tree = Record<string, unknown>;

export interface Skipped {
  object: string;
  column?: string;
  reason: string;
}

/** What is to be done to one file, collected entry by entry. */
export interface FilePlan {
  style: YmlStyle;
  /** Names of anchors that an alias refers to: what carries one stands in more than one place. */
  sharedAnchors: ReadonlySet<string>;
  edits: Edit[];
  added: number;
  kept: number;
  skipped: Skipped[];
}

/** A model's entry under `models:`: its place in the file, and its values, which follow each edit. */
export interface Entry {
  map: YAMLMap;
  tree: Tree;
}

/** The generated column descriptions of an object, cleaned, without the empty ones. */
export function columnTexts(documented: DocumentedObject): ColumnText[] {
  const columns = Object.entries(documented.content.columns ?? {});
  return columns
    .map(([name, text]) => ({ name, description: descriptionText(text) }))
    .filter((column) => column.name.trim() !== '' && column.description !== '');
}

/** The generated description of an object as a whole; '' where there is none. */
export function modelText(documented: DocumentedObject): string {
  return oneParagraph(documented.content.text.summary ?? '');
}

/**
 * May a column that the list does not name be added to it? `leave`: it is described elsewhere, which needs no
 * word.
 */
type Placing = 'add' | 'leave' | 'refuse';

/** Plans the missing descriptions of one model. */
export function planEntry(
  plan: FilePlan,
  entry: Entry,
  documented: DocumentedObject,
  place: (column: string) => Placing,
): void {
  const object = documented.object.uniqueId;
  const unsafe = unsafeMap(plan, entry.map);
  if (unsafe !== undefined) plan.skipped.push({ object, reason: unsafe });
  else {
    planDescription(plan, entry, modelText(documented), { object });
    planColumns(plan, entry, documented, place);
  }
}

/**
 * Fills the descriptions of a list of columns. Returns the columns that the list does not name, or a refusal.
 */
export function planList(plan: FilePlan, entry: Entry, documented: DocumentedObject): ColumnText[] | Refusal {
  const texts = columnTexts(documented);
  const unsafe = unsafeMap(plan, entry.map);
  if (unsafe !== undefined) return { reason: unsafe };
  const list = pairOf(entry.map, 'columns')?.value;
  if (!isSeq(list)) return isAlias(list) ? SHARED : texts;
  if (isShared(plan, list)) return SHARED;
  const trees = entry.tree.columns as unknown[];
  const named = new Set<ColumnText>();
  for (const [index, node] of list.items.entries()) {
    const tree = trees[index];
    const text = matchingText(texts, tree);
    if (text === undefined) continue;
    named.add(text);
    planColumn(plan, node, tree as Tree, text, documented.object.uniqueId);
  }
  return texts.filter((text) => !named.has(text));
}

const SHARED: Refusal = { reason: 'it is an anchor or an alias, so a change would show in several places' };

function planColumn(plan: FilePlan, node: unknown, tree: Tree, text: ColumnText, object: string): void {
  const at = { object, column: text.name };
  const unsafe = isMap(node) ? unsafeMap(plan, node) : SHARED.reason;
  if (isMap(node) && unsafe === undefined) planDescription(plan, { map: node, tree }, text.description, at);
  else plan.skipped.push({ ...at, reason: unsafe ?? SHARED.reason });
}

function planColumns(
  plan: FilePlan,
  entry: Entry,
  documented: DocumentedObject,
  place: (column: string) => Placing,
): void {
  const object = documented.object.uniqueId;
  const missing = planList(plan, entry, documented);
  if (isRefusal(missing)) {
    plan.skipped.push({ object, reason: `columns: ${missing.reason}` });
    return;
  }
  const added = missing.filter((column) => place(column.name) === 'add');
  for (const { name } of missing.filter((column) => place(column.name) === 'refuse')) {
    plan.skipped.push({ object, column: name, reason: 'not every version of the model has this column' });
  }
  if (added.length === 0) return;
  const edit = addColumns(entry.map, added, plan.style);
  if (isRefusal(edit)) {
    plan.skipped.push(...added.map(({ name }) => ({ object, column: name, reason: edit.reason })));
    return;
  }
  plan.edits.push(edit);
  plan.added += added.length;
  const before = Array.isArray(entry.tree.columns) ? entry.tree.columns : [];
  entry.tree.columns = [...before, ...added.map((column) => ({ ...column }))];
}

/**
 * Text that people wrote is kept whatever it says; only a missing or empty description gets the generated
 * one.
 */
function planDescription(plan: FilePlan, entry: Entry, text: string, at: Omit<Skipped, 'reason'>): void {
  if (text === '') return;
  const pair = pairOf(entry.map, 'description');
  if (pair !== undefined && !isEmpty(pair)) {
    plan.kept += 1;
    return;
  }
  const edit =
    pair === undefined
      ? addDescription(entry.map, text, plan.style)
      : fillDescription(pair, entry.map, text, plan.style);
  if (isRefusal(edit)) {
    plan.skipped.push({ ...at, reason: edit.reason });
    return;
  }
  plan.edits.push(edit);
  plan.added += 1;
  entry.tree.description = text;
}

function isEmpty(pair: Pair): boolean {
  if (pair.value === null) return true;
  if (!isScalar(pair.value)) return false;
  const value = pair.value.value;
  return value === null || (typeof value === 'string' && value.trim() === '');
}

/** The text of a column as the yml names it: by its very name first, else without regard to case. */
function matchingText(texts: ColumnText[], tree: unknown): ColumnText | undefined {
  const name = nameOf(tree);
  if (name === undefined) return undefined;
  const exact = texts.find((text) => text.name === name);
  return exact ?? texts.find((text) => text.name.toLowerCase() === name.toLowerCase());
}

/** The `name` of an entry of a list as text; undefined where it has none. */
export function nameOf(tree: unknown): string | undefined {
  if (typeof tree !== 'object' || tree === null || !('name' in tree)) return undefined;
  return typeof tree.name === 'string' || typeof tree.name === 'number' ? String(tree.name) : undefined;
}

function unsafeMap(plan: FilePlan, map: YAMLMap): string | undefined {
  if (isShared(plan, map)) return SHARED.reason;
  const isMerged = map.items.some((pair) => isScalar(pair.key) && pair.key.source === '<<');
  return isMerged ? 'it takes part of its content from elsewhere with a merge key (<<)' : undefined;
}

function isShared(plan: FilePlan, node: YAMLMap | YAMLSeq): boolean {
  return node.anchor !== undefined && plan.sharedAnchors.has(node.anchor);
}
