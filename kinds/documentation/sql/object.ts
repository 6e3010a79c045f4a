import type { DocumentationFacts, ParentFacts, ProjectObject } from '../../../domain/project.ts';
import { analyseSql, type SqlFacts } from './analyse.ts';
import { hasJinja, stripJinja } from './jinja.ts';
import { outsideRelation } from './resolve.ts';

/** What was read of an object beside the columns of its parents that it was read with. */
interface Analysed {
  parents: { name: string; columns: ParentFacts['columns'] }[];
  sql: SqlFacts;
}

const analysed = new WeakMap<ProjectObject, Analysed>();

/** What the code of an object does; parents' columns and tests help to tell where columns come from. */
export function sqlOf(facts: DocumentationFacts): SqlFacts {
  const { object, parents } = facts;
  const before = analysed.get(object);
  if (before !== undefined && isReadWith(before, parents)) return before.sql;
  const known = new Map(parents.map((parent) => [parent.name.toLowerCase(), relationOf(parent)]));
  const sql = analyseSql(codeOf(object), object.adapterType, known);
  const result = { ...sql, incremental: incrementalOf(object, sql) };
  analysed.set(object, { parents: parents.map(({ name, columns }) => ({ name, columns })), sql: result });
  return result;
}

/** The same objects, not only equal ones: then nothing has to be compared, and a miss costs only time. */
function isReadWith(before: Analysed, parents: ParentFacts[]): boolean {
  return (
    before.parents.length === parents.length &&
    parents.every(({ name, columns }, index) => {
      const known = before.parents[index];
      return known?.name === name && known.columns === columns;
    })
  );
}

/** The compiled code where there is some, else the code as written. */
export function codeOf(object: ProjectObject): string {
  return object.compiledCode?.trim() ? object.compiledCode : object.rawCode;
}

/** The code as SQL, with its templates filled in as far as they can be: what the writer's names come from. */
export function plainCodeOf(object: ProjectObject): string {
  const code = codeOf(object);
  return hasJinja(code) ? stripJinja(code).sql : code;
}

/** Compiled code no longer tells what an incremental run adds to its conditions. */
function incrementalOf(object: ProjectObject, sql: SqlFacts): string[] {
  if (codeOf(object) === object.rawCode) return sql.incremental;
  const raw = object.rawCode;
  return hasJinja(raw) && raw.includes('is_incremental') ? stripJinja(raw).incremental : [];
}

function relationOf(parent: ParentFacts): ReturnType<typeof outsideRelation> {
  const unique = parent.columns.filter((column) => column.tests.includes('unique'));
  return outsideRelation(
    parent.name,
    parent.columns.map((column) => column.name),
    columnsAreComplete(parent.columns),
    unique.map((column) => [column.name]),
  );
}

/** A catalog lists every column; what people declare may be some of them. */
export function columnsAreComplete(columns: readonly { declared: boolean; type?: string }[]): boolean {
  if (columns.length === 0) return false;
  return columns.some((column) => !column.declared) || columns.every((column) => column.type !== undefined);
}
