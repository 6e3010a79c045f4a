import { isMap, isSeq } from 'yaml';
import type { DocumentedObject } from '../../../domain/project.ts';
import { type Entry, type FilePlan, nameOf, planEntry, planList, type Tree } from './yml-entry.ts';
import { isRefusal, pairOf } from './yml-places.ts';

/**
 * Plans a model with `versions:`. The entry itself is described by its latest version, from which the others
 * inherit; a column is added to the common list only where every version has it and none declares it for
 * itself. Columns that one version lists are described from that version's document.
 */
export function planVersions(
  plan: FilePlan,
  entry: Entry,
  documents: DocumentedObject[],
  hasEverywhere: (document: DocumentedObject, column: string) => boolean,
): void {
  const versions = Array.isArray(entry.tree.versions) ? (entry.tree.versions as unknown[]) : [];
  const own = new Set(versions.flatMap(columnNames));
  const latest = latestOf(entry.tree, documents);
  if (latest === undefined) return;
  planEntry(plan, entry, latest, (column) => {
    if (own.has(column.toLowerCase())) return 'leave';
    return hasEverywhere(latest, column) ? 'add' : 'refuse';
  });
  const list = pairOf(entry.map, 'versions')?.value;
  if (!isSeq(list)) return;
  for (const [index, map] of list.items.entries()) {
    const tree = versions[index] as Tree | undefined;
    const document = documents.find((each) => versionOf(each) === String(tree?.v));
    if (!isMap(map) || tree === undefined || document === undefined || columnNames(tree).length === 0)
      continue;
    const missing = planList(plan, { map, tree }, document);
    if (isRefusal(missing)) plan.skipped.push({ object: document.object.uniqueId, reason: missing.reason });
  }
}

/** The version in a unique id such as `model.shop.customers.v2`; undefined for a model without versions. */
export function versionOf(documented: { object: { uniqueId: string; name: string } }): string | undefined {
  const parts = documented.object.uniqueId.split('.');
  const last = parts.at(-1);
  const isVersion = parts.length > 3 && parts.at(-2) === documented.object.name && last?.startsWith('v');
  return isVersion ? last?.slice(1) : undefined;
}

function latestOf(tree: Tree, documents: DocumentedObject[]): DocumentedObject | undefined {
  const latest = documents.find((each) => versionOf(each) === String(tree.latest_version));
  return latest ?? [...documents].sort((a, b) => compareVersions(versionOf(b), versionOf(a)))[0];
}

function compareVersions(a = '', b = ''): number {
  const difference = Number(a) - Number(b);
  if (Number.isFinite(difference) && difference !== 0) return difference;
  return a < b ? -1 : a > b ? 1 : 0;
}

function columnNames(version: unknown): string[] {
  const columns = (version as Tree | null)?.columns;
  if (!Array.isArray(columns)) return [];
  return columns.flatMap((column) => nameOf(column)?.toLowerCase() ?? []);
}
