import { combine } from './combine.ts';
import { describeJoins, type JoinFact } from './joins.ts';
import { groupingNames, type KeyInput, keysOf, rowsOf } from './keys.ts';
import { boundsFor, markGrouped, outputsOf } from './outputs.ts';
import type { Bound, OutputColumn, Resolved } from './scope.ts';
import type { Query, Select } from './syntax.ts';

/** One select of a step, as it was resolved. */
export interface ResolvedSelect {
  select: Select;
  bounds: Bound[];
  joins: JoinFact[];
  result: Resolved;
}

export interface ResolvedStep {
  /** Undefined for the final select. */
  name: string | undefined;
  query: Query;
  selects: ResolvedSelect[];
  result: Resolved;
}

/** What is known of the relations outside: their columns and keys, by lower-case name. */
export type KnownRelations = ReadonlyMap<string, Resolved>;

/**
 * dbt puts an ephemeral parent into the code as a step of this name; it is a relation outside all the
 * same.
 */
const EPHEMERAL = /^__dbt__cte__/;

interface Context {
  known: KnownRelations;
  steps: ResolvedStep[];
  /** Names visible here: the steps so far, by lower-case name. */
  visible: Map<string, Resolved>;
}

/** Resolves a query step by step; the last of the steps returned is the final select. */
export function resolveQuery(query: Query, known: KnownRelations): ResolvedStep[] {
  const context: Context = { known, steps: [], visible: new Map() };
  resolveStep(query, undefined, context);
  return context.steps;
}

function resolveStep(query: Query, name: string | undefined, outer: Context): Resolved {
  const context = { ...outer, visible: new Map(outer.visible) };
  for (const step of query.steps) {
    const result = resolveStep(step.query, step.name, {
      ...context,
      steps: ephemeral(step.name) ? [] : context.steps,
    });
    const visible = ephemeral(step.name) ? asOutside(step.name.replace(EPHEMERAL, ''), result) : result;
    context.visible.set(step.name.toLowerCase(), visible);
  }
  const selects = query.selects.map((select) => resolveSelect(select, name, context));
  const results = selects.map((resolved) => resolved.result);
  const result = combine(results, query.setOperators, name ?? '');
  context.steps.push({ name, query, selects, result });
  return result;
}

function ephemeral(name: string): boolean {
  return EPHEMERAL.test(name);
}

function asOutside(name: string, result: Resolved): Resolved {
  const names = result.columns.map((column) => column.name);
  return outsideRelation(name, names, result.openTo.length === 0, result.keys);
}

/** A relation outside, with the columns that are known of it; `complete` where there are no others. */
export function outsideRelation(
  name: string,
  columns: string[],
  complete: boolean,
  keys: string[][] = [],
): Resolved {
  return {
    name,
    columns: columns.map((column) => outsideColumn(name, column)),
    openTo: complete ? [] : [name],
    keys,
    sources: [name],
    rowsOf: name,
    multipliedBy: [],
  };
}

/** A column of a relation outside. */
function outsideColumn(relation: string, column: string): OutputColumn {
  return {
    name: column,
    expression: { kind: 'column', name: column },
    inputs: [],
    origins: [{ relation, column }],
    certain: true,
  };
}

function resolveSelect(select: Select, step: string | undefined, context: Context): ResolvedSelect {
  const bounds = bind(select, context);
  const joins = describeJoins(select, bounds);
  const columns = outputsOf(select, step, bounds);
  const stars = select.items.flatMap((item) =>
    item.expression.kind === 'star' ? [item.expression.table] : [],
  );
  const openTo = stars.flatMap((table) => boundsFor(table, bounds).flatMap((bound) => bound.resolved.openTo));
  const grouping = groupingNames(select, columns);
  if (select.groupBy.length > 0 || select.groupByAll) markGrouped(columns, step, grouping);
  const keyInput: KeyInput = { select, bounds, joins, columns, grouping };
  const sources = [...new Set(bounds.flatMap((bound) => bound.resolved.sources))];
  return {
    select,
    bounds,
    joins,
    result: {
      name: step ?? '',
      columns,
      openTo: [...new Set(openTo)],
      keys: keysOf(keyInput),
      sources,
      ...rowsOf(keyInput),
    },
  };
}

function bind(select: Select, context: Context): Bound[] {
  const bounds: Bound[] = [];
  for (const relation of select.from) {
    const resolved =
      relation.query === undefined
        ? relationNamed(relation.name, relation.computed, context)
        : { ...resolveStep(relation.query, relation.alias, context), name: relation.alias };
    const bound: Bound = { alias: relation.alias, join: relation.join, resolved };
    const outer = relation.join;
    if (outer === 'left' || outer === 'full') bound.emptyWithout = resolved.name;
    if (outer === 'right' || outer === 'full')
      for (const before of bounds) before.emptyWithout ??= resolved.name;
    bounds.push(bound);
  }
  return bounds;
}

function relationNamed(name: string, computed: boolean, context: Context): Resolved {
  if (computed) return { name, columns: [], openTo: [name], keys: [], sources: [], multipliedBy: [] };
  const key = name.toLowerCase();
  return context.visible.get(key) ?? context.known.get(key) ?? outsideRelation(name, [], false);
}
