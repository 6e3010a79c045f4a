import type { Unlinked } from './folder-objects.ts';
import type { JinjaFacts, Ref } from './jinja.ts';
import { tablesRead } from './plain-sql.ts';
import type { Draft } from './project-source.ts';
import type { Warnings } from './warnings.ts';

/** Finds what a ref, a source or a table name stands for. */
interface Links {
  /** Unique ids of what the code reads; a warning for each name that stands for nothing. */
  parentsOf(draft: Draft, facts: JinjaFacts): string[];
}

/** Looks names up among the objects. Names in plain SQL are matched without regard to case. */
export function createLinks(objects: Unlinked[], warnings: Warnings): Links {
  const byName = new Map<string, Unlinked[]>();
  const bySource = new Map<string, string>();
  const byTable = new Map<string, Draft>();
  for (const object of objects) {
    const { draft } = object;
    if (draft.resourceType === 'source') {
      const source = draft.uniqueId.slice(`source.${draft.packageName}.`.length);
      bySource.set(source, draft.uniqueId);
      continue;
    }
    byName.set(draft.name, [...(byName.get(draft.name) ?? []), object]);
    byTable.set(draft.name.toLowerCase(), draft);
  }

  const parentsOf = (draft: Draft, facts: JinjaFacts): string[] => {
    const parents = new Set<string>();
    for (const ref of facts.refs) {
      const parent = findRef(byName.get(ref.name) ?? [], ref);
      if (parent !== undefined) parents.add(parent.draft.uniqueId);
      else warnings.add(`${draft.path}: nothing is called ${refText(ref)}.`);
    }
    for (const { source, table } of facts.sources) {
      const parent = bySource.get(`${source}.${table}`);
      if (parent !== undefined) parents.add(parent);
      else warnings.add(`${draft.path}: no yml file declares source('${source}', '${table}').`);
    }
    if (!facts.hasJinja && draft.rawCode !== '') {
      for (const table of tablesRead(draft.rawCode)) {
        const parent = findTable(byTable, table);
        // A text that reads a table of its own file's name reads the table behind it, not itself.
        if (parent !== undefined && parent !== draft) parents.add(parent.uniqueId);
      }
    }
    return [...parents];
  };
  return { parentsOf };
}

/** Schemas where data lands before any query: their tables are no files of the project. */
const LANDING = /^(raw|src|source|sources|landing|ingest|bronze|external|public_raw)(_|$)/;

/**
 * The file that a table's name stands for: by its last part, but not a file `orders` for a table
 * `raw.orders`.
 */
function findTable(byTable: Map<string, Draft>, table: string): Draft | undefined {
  const whole = byTable.get(table.toLowerCase());
  if (whole !== undefined) return whole;
  const parts = table.toLowerCase().split('.');
  const draft = byTable.get(parts.at(-1) ?? '');
  const schema = parts.at(-2);
  if (draft === undefined || schema === undefined || !LANDING.test(schema)) return draft;
  return draft.path.toLowerCase().split('/').includes(schema) ? draft : undefined;
}

function findRef(candidates: Unlinked[], ref: Ref): Unlinked | undefined {
  const fitting = candidates.filter(
    ({ draft, version }) =>
      (ref.package === undefined || draft.packageName === ref.package) &&
      (ref.version === undefined || version === ref.version),
  );
  return fitting.find((candidate) => candidate.isLatest) ?? fitting[0];
}

function refText(ref: Ref): string {
  const version = ref.version === undefined ? '' : `, v=${ref.version}`;
  return ref.package === undefined
    ? `ref('${ref.name}'${version})`
    : `ref('${ref.package}', '${ref.name}'${version})`;
}
