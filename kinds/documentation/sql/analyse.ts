import { keepAtMost } from '../../../domain/keep-at-most.ts';
import { hasJinja, stripJinja } from './jinja.ts';
import type { JoinFact } from './joins.ts';
import { type Dedupe, dedupeOf, groupingNames } from './keys.ts';
import { readQuery } from './read-query.ts';
import { peek, type Reader } from './reader.ts';
import { type KnownRelations, type ResolvedSelect, type ResolvedStep, resolveQuery } from './resolve.ts';
import type { OutputColumn } from './scope.ts';
import { conjuncts, type Expression, type Ordering, type Query } from './syntax.ts';
import { tokenize } from './tokens.ts';

interface Filter {
  clause: 'where' | 'having' | 'qualify';
  condition: Expression;
}

/** One select of a step; a union has several. */
export interface SelectFacts {
  /** Relations and steps in its from clause. */
  from: string[];
  /** True where the first of them is a relation outside. */
  fromOutside: boolean;
  joins: JoinFact[];
  filters: Filter[];
  groupBy: string[];
  distinct: boolean;
  dedupe?: Dedupe;
}

export interface StepFacts {
  /** Undefined for the final select. */
  name: string | undefined;
  selects: SelectFacts[];
  setOperators: string[];
  columns: OutputColumn[];
  /** Columns that this step computes. */
  made: OutputColumn[];
  /** The relation it only hands on (`select * from x`), if that is all it does. */
  handsOn?: string;
  orderBy: Ordering[];
  limit?: string;
}

/** What a statement does, as far as it can be read. */
export interface SqlFacts {
  /** False where a part of the statement was skipped, or is filled in by dbt only. */
  parsed: boolean;
  /** The parts that were skipped or are not known, for people. */
  problems: string[];
  /** The steps (common table expressions) in order; the last one is the final select. */
  steps: StepFacts[];
  /** Steps that are defined but do not reach the result. */
  unused: string[];
  /** Columns of the result. */
  columns: OutputColumn[];
  /** False where a `*` over relations whose columns are not known may add more columns. */
  complete: boolean;
  /** Those relations. */
  openTo: string[];
  /** Sets of result columns that are unique by the SQL; an empty set: one row. */
  keys: string[][];
  /** The relation outside of which each row stands for one row, if the SQL keeps the rows of one. */
  rowsOf?: string;
  /** Joined relations that may turn one row of `rowsOf` into several. */
  multipliedBy: string[];
  /** Tables, views, seeds and sources that are read, the driving one first. */
  sources: string[];
  /** Conditions that apply only when the table is built incrementally. */
  incremental: string[];
}

/** Longer code is cut: no statement that people wrote is longer. */
const MAX_CODE_LENGTH = 400_000;
/** Statements kept as read: a run reads each object when it is estimated and again when it is its turn. */
const MAX_KEPT = 1_000;

interface Statement {
  query: Query;
  problems: string[];
  incremental: string[];
}

const kept = new Map<string, Statement>();

/**
 * Reads a statement, with or without Jinja. Never throws, and takes time in proportion to the length of
 * the code. `known` holds what is known of the relations it reads, by lower-case name.
 */
export function analyseSql(code: string, adapterType: string, known: KnownRelations = new Map()): SqlFacts {
  const statement = readStatement(code, adapterType);
  const resolved = resolveQuery(statement.query, known);
  const final = resolved.at(-1) as ResolvedStep;
  const used = usedSteps(resolved);
  return {
    parsed: statement.problems.length === 0 && statement.query.selects.length > 0,
    problems: statement.problems,
    steps: dropEcho(resolved.filter((step) => step.name === undefined || used.has(step)).map(stepFacts)),
    unused: resolved.filter((step) => !used.has(step)).flatMap((step) => step.name ?? []),
    columns: final.result.columns,
    complete: final.result.openTo.length === 0,
    openTo: final.result.openTo,
    keys: final.result.keys,
    sources: final.result.sources,
    incremental: statement.incremental,
    multipliedBy: final.result.multipliedBy,
    ...(final.result.rowsOf === undefined ? {} : { rowsOf: final.result.rowsOf }),
  };
}

function readStatement(code: string, adapterType: string): Statement {
  const key = `${adapterType} ${code}`;
  const before = kept.get(key);
  if (before !== undefined) {
    kept.delete(key);
    kept.set(key, before);
    return before;
  }
  const statement = readAnew(code.slice(0, MAX_CODE_LENGTH), adapterType);
  keepAtMost(MAX_KEPT, kept, key, statement);
  return statement;
}

function readAnew(code: string, adapterType: string): Statement {
  const plain = hasJinja(code) ? stripJinja(code) : { sql: code, incremental: [], unfilled: [] };
  const reader: Reader = {
    tokens: tokenize(plain.sql, adapterType),
    at: 0,
    depth: 0,
    problems: [],
    readQuery,
  };
  const query = readQuery(reader);
  const rest = peek(reader);
  if (rest.kind !== 'end' && rest.value !== ';') reader.problems.push(`everything from \`${rest.text}\` on`);
  return { query, problems: [...plain.unfilled, ...reader.problems], incremental: plain.incremental };
}

/** Steps that reach the result; one that nothing reads says nothing about the model. */
function usedSteps(resolved: ResolvedStep[]): Set<ResolvedStep> {
  const final = resolved.at(-1) as ResolvedStep;
  const used = new Set<ResolvedStep>([final]);
  for (const step of [...resolved].reverse()) {
    if (!used.has(step)) continue;
    const names = step.selects.flatMap((select) =>
      select.bounds.map((bound) => bound.resolved.name.toLowerCase()),
    );
    for (const other of resolved) {
      if (other !== step && other.name !== undefined && names.includes(other.name.toLowerCase()))
        used.add(other);
    }
  }
  return used;
}

/** `select * from final` at the end repeats the step before, which then stands for the result. */
function dropEcho(steps: StepFacts[]): StepFacts[] {
  const [last, before] = [steps.at(-1), steps.at(-2)];
  if (last?.handsOn === undefined || before?.name !== last.handsOn || last.limit !== undefined) return steps;
  return steps.slice(0, -1);
}

function stepFacts(step: ResolvedStep): StepFacts {
  const selects = step.selects.map(selectFacts);
  const handsOn = handedOnBy(step, selects);
  const { limit } = step.query;
  return {
    name: step.name,
    selects,
    setOperators: step.query.setOperators,
    columns: step.result.columns,
    made: step.result.columns.filter(
      (column) => column.step === step.name && column.expression.kind !== 'column',
    ),
    orderBy: step.query.orderBy,
    ...(handsOn === undefined ? {} : { handsOn }),
    ...(limit === undefined ? {} : { limit }),
  };
}

function selectFacts(resolved: ResolvedSelect): SelectFacts {
  const { select, bounds, joins, result } = resolved;
  const dedupe = dedupeOf(select, bounds);
  const filters = (['where', 'having', 'qualify'] as const).flatMap((clause) =>
    conjuncts(select[clause])
      .filter((condition) => condition !== dedupe?.condition && !isAlwaysTrue(condition))
      .map((condition) => ({ clause, condition })),
  );
  return {
    from: bounds.map((bound) => bound.resolved.name),
    fromOutside: bounds[0]?.resolved.sources[0] === bounds[0]?.resolved.name,
    joins,
    filters,
    groupBy: groupingNames(select, result.columns),
    distinct: select.distinct,
    ...(dedupe === undefined ? {} : { dedupe }),
  };
}

/** `where 1 = 1` and `where true` are there to write the rest with `and`. */
function isAlwaysTrue(condition: Expression): boolean {
  if (condition.kind === 'literal') return condition.text === 'true';
  if (condition.kind !== 'operation' || condition.operator !== '=') return false;
  const [left, right] = condition.operands;
  return left?.kind === 'literal' && right?.kind === 'literal' && left.text === right.text;
}

function handedOnBy(step: ResolvedStep, selects: SelectFacts[]): string | undefined {
  const [only] = step.selects;
  const [facts] = selects;
  if (only === undefined || facts === undefined || selects.length > 1 || facts.from.length !== 1)
    return undefined;
  const [item] = only.select.items;
  const star =
    only.select.items.length === 1 && item?.expression.kind === 'star' && item.expression.except.length === 0;
  const plain = facts.filters.length === 0 && !facts.distinct && facts.groupBy.length === 0 && !facts.dedupe;
  return star && plain ? facts.from[0] : undefined;
}
