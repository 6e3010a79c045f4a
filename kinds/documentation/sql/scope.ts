import type { ColumnReference, Expression, JoinType } from './syntax.ts';

/** A column of a relation that the SQL reads and does not itself make. */
interface Origin {
  /** Name of the table, view, seed or source. */
  relation: string;
  column: string;
}

/** A column that a step puts out, with where it was made. A column that is only handed on keeps its maker. */
export interface OutputColumn {
  name: string;
  /**
   * How it is computed, in the step that makes it; a plain column reference where it is taken over as it
   * is.
   */
  expression: Expression;
  /** The step that makes it; undefined for columns of relations outside. */
  step?: string;
  /** What the columns in the expression are. */
  inputs: OutputColumn[];
  origins: Origin[];
  /** False where an input may come from more than one relation, and which cannot be told from the SQL. */
  certain: boolean;
  /** The relation whose missing match leaves it empty (outer joins). */
  emptyWithout?: string;
  /** For aggregates: the columns by which the rows were grouped. */
  per?: string[];
  comment?: string;
  /** In a union: what the other branches put at this place, where they differ. */
  alternatives?: OutputColumn[];
}

/** A relation whose columns are known as far as they can be. */
export interface Resolved {
  name: string;
  columns: OutputColumn[];
  /** Relations outside whose `*` went in without its columns being known: there may be more columns. */
  openTo: string[];
  /** Sets of columns of which each is unique per row; an empty set: there is only one row. */
  keys: string[][];
  /** The relations outside that it is made from, the driving one first. */
  sources: string[];
  /** The relation outside of which it keeps the rows: one row of it per row of that relation, or none. */
  rowsOf?: string;
  /** Joined relations that may turn one row of `rowsOf` into several. */
  multipliedBy: string[];
}

/** A relation under its alias in a from clause. */
export interface Bound {
  alias: string;
  join: JoinType;
  resolved: Resolved;
  emptyWithout?: string;
}

export const same = (left: string, right: string): boolean => left.toLowerCase() === right.toLowerCase();

/** Wide relations are looked into once per reference. */
const byName = new WeakMap<Resolved, Map<string, OutputColumn>>();

/** The column of that name, among those that are known. */
export function columnOf(resolved: Resolved, name: string): OutputColumn | undefined {
  let columns = byName.get(resolved);
  if (columns === undefined) {
    columns = new Map([...resolved.columns].reverse().map((column) => [column.name.toLowerCase(), column]));
    byName.set(resolved, columns);
  }
  return columns.get(name.toLowerCase());
}

/** What a column reference means among the relations of a from clause. */
export function lookUp(reference: ColumnReference, bounds: Bound[]): OutputColumn {
  const { table } = reference;
  const candidates =
    table === undefined
      ? bounds
      : bounds.filter((bound) => same(bound.alias, table) || same(bound.resolved.name, table));
  for (const bound of candidates) {
    const column = columnOf(bound.resolved, reference.name);
    if (column !== undefined) return handedOn(column, bound);
  }
  const open = candidates.filter((bound) => bound.resolved.openTo.length > 0);
  const [only] = open;
  if (only !== undefined && open.length === 1) return fromOutside(reference, only);
  return {
    name: reference.name,
    expression: { kind: 'column', name: reference.name },
    inputs: [],
    origins: open
      .flatMap((bound) => bound.resolved.openTo)
      .map((relation) => ({ relation, column: reference.name })),
    certain: false,
  };
}

/** A column as it is seen through a join: an outer join may leave it empty. */
export function handedOn(column: OutputColumn, bound: Bound): OutputColumn {
  return bound.emptyWithout === undefined ? column : { ...column, emptyWithout: bound.emptyWithout };
}

function fromOutside(reference: ColumnReference, bound: Bound): OutputColumn {
  const relations = bound.resolved.openTo;
  return handedOn(
    {
      name: reference.name,
      expression: { kind: 'column', name: reference.name },
      inputs: [],
      origins: relations.map((relation) => ({ relation, column: reference.name })),
      certain: relations.length === 1,
    },
    bound,
  );
}
