import type { JoinFact } from './joins.ts';
import { isAggregate, render } from './render.ts';
import { type Bound, columnOf, type OutputColumn, type Resolved, same } from './scope.ts';
import { conjuncts, contains, type Expression, type Ordering, type Select } from './syntax.ts';

export interface KeyInput {
  select: Select;
  bounds: Bound[];
  joins: JoinFact[];
  columns: OutputColumn[];
  /** Names of the grouping columns, as put out where they are. */
  grouping: string[];
}

/** `row_number() … = 1`: one row is kept per partition. */
export interface Dedupe {
  partitionBy: Expression[];
  orderBy: Ordering[];
  condition: Expression;
}

/** What the rows are grouped by, as names of output columns, or as SQL where a key is not put out. */
export function groupingNames(select: Select, columns: OutputColumn[]): string[] {
  if (select.groupByAll) {
    const plain = select.items.filter((item) => !contains(item.expression, isAggregate));
    return plain.map((item) => item.alias ?? render(item.expression).split('.').at(-1) ?? '');
  }
  return select.groupBy.map((key) => {
    const position = key.kind === 'literal' && key.type === 'number' ? Number(key.text) - 1 : undefined;
    const item = position === undefined ? itemFor(key, select) : select.items[position];
    if (item === undefined) return key.kind === 'column' ? key.name : render(key);
    const name = item.alias ?? (item.expression.kind === 'column' ? item.expression.name : undefined);
    return (
      columns.find((column) => name !== undefined && same(column.name, name))?.name ?? render(item.expression)
    );
  });
}

function itemFor(key: Expression, select: Select): Select['items'][number] | undefined {
  const text = render(key).toLowerCase();
  return (
    select.items.find((item) => render(item.expression).toLowerCase() === text) ??
    select.items.find(
      (item) => key.kind === 'column' && item.alias !== undefined && same(item.alias, key.name),
    ) ??
    select.items.find(
      (item) =>
        key.kind === 'column' && item.expression.kind === 'column' && same(item.expression.name, key.name),
    )
  );
}

/** Sets of output columns that are unique by the SQL alone, given what is known of the relations read. */
export function keysOf(input: KeyInput): string[][] {
  const { select, columns, grouping } = input;
  if (grouping.length > 0) {
    return grouping.every((name) => columns.some((column) => same(column.name, name))) ? [grouping] : [];
  }
  if (select.items.some((item) => contains(item.expression, isAggregate))) return [[]];
  const deduped = dedupeOf(select, input.bounds);
  const partition = deduped?.partitionBy ?? (select.distinctOn.length > 0 ? select.distinctOn : undefined);
  const inherited = inheritedKeys(input);
  if (partition !== undefined) {
    const names = partition.map((key) => outputNameOf(key, input));
    return names.every((name) => name !== undefined) ? [names, ...inherited] : inherited;
  }
  if (select.distinct && inherited.length === 0) return [columns.map((column) => column.name)];
  return inherited;
}

/** The condition by which one row per partition is kept, if the select has one. */
export function dedupeOf(select: Select, bounds: Bound[]): Dedupe | undefined {
  for (const condition of [...conjuncts(select.qualify), ...conjuncts(select.where)]) {
    if (condition.kind !== 'operation' || !['=', '<=', '=='].includes(condition.operator)) continue;
    const [left, right] = condition.operands;
    if (right?.kind !== 'literal' || right.text !== '1' || left === undefined) continue;
    const call = numbering(left, select, bounds);
    if (call?.kind === 'call' && call.over !== undefined && call.name === 'row_number') {
      return { ...call.over, condition };
    }
  }
  return undefined;
}

/**
 * The expression behind a name in a condition: an alias of this select, or a column that a step before has
 * made.
 */
function numbering(left: Expression, select: Select, bounds: Bound[]): Expression | undefined {
  if (left.kind !== 'column') return left;
  const item = select.items.find((one) => one.alias !== undefined && same(one.alias, left.name));
  if (item !== undefined && item.expression.kind === 'call') return item.expression;
  for (const bound of bounds) {
    const column = bound.resolved.columns.find((one) => same(one.name, left.name));
    if (column !== undefined) return column.expression;
  }
  return undefined;
}

function outputNameOf(key: Expression, input: KeyInput): string | undefined {
  if (key.kind !== 'column') return undefined;
  const item = input.select.items.find(
    (one) => one.expression.kind === 'column' && same(one.expression.name, key.name),
  );
  const name = item?.alias ?? key.name;
  return input.columns.find((column) => same(column.name, name))?.name;
}

/** Keys of the driving relation hold on where no join can multiply its rows; a cross join joins the keys. */
function inheritedKeys(input: KeyInput): string[][] {
  const [driving, ...joined] = input.bounds;
  if (driving === undefined) return [];
  let keys = visibleKeys(driving, input);
  for (const [index, bound] of joined.entries()) {
    const join = input.joins[index];
    if (join === undefined || join.type === 'full' || join.type === 'right') return [];
    if (join.type === 'semi' || join.type === 'anti' || join.matches === 'one') continue;
    const others = visibleKeys(bound, input);
    keys = keys.flatMap((key) => others.map((other) => [...key, ...other]));
  }
  return keys.slice(0, 4);
}

/**
 * Whose rows are kept, and which joins may multiply them; nothing after grouping, `distinct` or an outer
 * join back.
 */
export function rowsOf(input: KeyInput): Pick<Resolved, 'rowsOf' | 'multipliedBy'> {
  const { select, bounds, joins } = input;
  const driving = bounds[0]?.resolved;
  const regrouped = input.grouping.length > 0 || select.distinct;
  const aggregated = select.items.some((item) => contains(item.expression, isAggregate));
  const mixed = joins.some((join) => join.type === 'full' || join.type === 'right' || join.type === 'cross');
  if (driving?.rowsOf === undefined || regrouped || aggregated || mixed) return { multipliedBy: [] };
  if (dedupeOf(select, bounds) !== undefined) return { multipliedBy: [] };
  const multiplying = joins.filter((join) => !['semi', 'anti'].includes(join.type) && join.matches !== 'one');
  const names = multiplying.map((join) => join.relation);
  return { rowsOf: driving.rowsOf, multipliedBy: [...driving.multipliedBy, ...names] };
}

function visibleKeys(bound: Bound, input: KeyInput): string[][] {
  const keys = bound.resolved.keys.map((key) => key.map((name) => exposedAs(name, bound, input)));
  return keys.filter((key): key is string[] => key.every((name) => name !== undefined));
}

/** The name under which a column of a relation is put out. */
function exposedAs(name: string, bound: Bound, input: KeyInput): string | undefined {
  for (const { expression, alias } of input.select.items) {
    const fits = (table: string | undefined): boolean =>
      table === undefined ? ownsAlone(name, bound, input.bounds) : same(table, bound.alias);
    if (expression.kind === 'column' && same(expression.name, name) && fits(expression.table)) {
      return alias ?? expression.name;
    }
    if (
      expression.kind === 'star' &&
      fits(expression.table) &&
      !expression.except.some((one) => same(one, name))
    ) {
      return name;
    }
  }
  return undefined;
}

function ownsAlone(name: string, bound: Bound, bounds: Bound[]): boolean {
  return bounds.every((other) => other === bound || columnOf(other.resolved, name) === undefined);
}
