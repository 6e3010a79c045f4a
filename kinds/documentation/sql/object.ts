import type { DocumentationFacts, ParentFacts, ProjectObject } from '../../../domain/project.ts';
import { analyseSql, type SqlFacts } from './analyse.ts';
import { hasJinja, stripJinja } from './jinja.ts';
import { outsideRelation } from './resolve.ts';

const analysed = new WeakMap<DocumentationFacts, SqlFacts>();

/** What the code of an object does; parents' columns and tests help to tell where columns come from. */
export function sqlOf(facts: DocumentationFacts): SqlFacts {
  const before = analysed.get(facts);
  if (before !== undefined) return before;
  const { object, parents } = facts;
  const known = new Map(parents.map((parent) => [parent.name.toLowerCase(), relationOf(parent)]));
  const sql = analyseSql(codeOf(object), object.adapterType, known);
  const result = { ...sql, incremental: incrementalOf(object, sql) };
  analysed.set(facts, result);
  return result;
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
