import type { ProjectObject } from '../../../domain/project.ts';
import type { SqlFacts } from '../sql/analyse.ts';
import { same } from '../sql/scope.ts';
import { code, codes, listed } from './words.ts';

/** What one row stands for, and how that is known. */
export interface Grain {
  /** `` one row per `customer_id` ``; undefined where nothing tells. */
  words?: string;
  /** How it is known, for a sentence: `the SQL groups by it`. */
  basis?: string;
  keys: string[];
  /** True where a test of the project checks that the keys are unique. */
  tested: boolean;
}

/** From the SQL where it decides, else from tests, else from the relation whose rows are kept. */
export function grainOf(object: ProjectObject, sql: SqlFacts): Grain {
  const tested = testedKeys(object);
  const [shortest] = [...sql.keys].sort((left, right) => left.length - right.length);
  if (shortest !== undefined) return grainOfKey(preferTested(sql.keys, tested) ?? shortest, sql, tested);
  const [test] = tested;
  if (test !== undefined) {
    return {
      words: `one row per ${codes(test)}`,
      basis: 'a test checks that it is unique',
      keys: test,
      tested: true,
    };
  }
  if (sql.rowsOf === undefined) return { keys: [], tested: false };
  if (sql.multipliedBy.length > 0) {
    const joins = codes([...new Set(sql.multipliedBy)]);
    const words = `one row per row of ${code(sql.rowsOf)} and matching row of ${joins}`;
    return { words, basis: 'nothing shows that at most one row matches', keys: [], tested: false };
  }
  return {
    words: `${dropsRows(sql) ? 'at most ' : ''}one row per row of ${code(sql.rowsOf)}`,
    basis: dropsRows(sql) ? 'the SQL keeps some of its rows' : 'the SQL keeps its rows',
    keys: [],
    tested: false,
  };
}

/** True where a filter or a join takes rows of the driving relation away. */
function dropsRows(sql: SqlFacts): boolean {
  const selects = sql.steps.flatMap((step) => step.selects);
  return selects.some(
    (select) =>
      select.filters.length > 0 || select.joins.some((join) => ['inner', 'semi', 'anti'].includes(join.type)),
  );
}

function grainOfKey(key: string[], sql: SqlFacts, tested: string[][]): Grain {
  if (key.length === 0)
    return {
      words: 'exactly one row in all',
      basis: 'the SQL aggregates everything',
      keys: [],
      tested: false,
    };
  const isTested = tested.some((test) => sameSet(test, key));
  const all = key.length > 4 && key.length === sql.columns.length;
  const words = all
    ? `one row per distinct combination of its ${key.length} columns`
    : `one row per ${listed(key.map(code))}`;
  return { words, basis: basisOf(key, sql), keys: all ? [] : key, tested: isTested };
}

function basisOf(key: string[], sql: SqlFacts): string {
  const last = [...sql.steps].reverse().find((step) => step.handsOn === undefined);
  const select = last?.selects[0];
  if (select?.dedupe !== undefined) return 'the SQL keeps one row for each';
  if ((select?.groupBy.length ?? 0) > 0) return 'the SQL groups by it';
  if (select?.distinct === true && key.length === sql.columns.length) return 'the SQL selects distinct rows';
  if (sql.rowsOf === undefined || sql.multipliedBy.length > 0)
    return 'the SQL keeps it unique through its steps';
  const joins = sql.steps.some((step) => step.selects.some((one) => one.joins.length > 0));
  return `unique in ${code(sql.rowsOf)}${joins ? ', and no join multiplies its rows' : ''}`;
}

function preferTested(keys: string[][], tested: string[][]): string[] | undefined {
  return keys.find((key) => key.length > 0 && tested.some((test) => sameSet(test, key)));
}

const sameSet = (left: string[], right: string[]): boolean =>
  left.length === right.length && left.every((name) => right.some((other) => same(name, other)));

const COMBINATION = /unique_combination_of_columns\(([^)]*)\)/;

/** Columns, or sets of them, that a test of the project holds unique. */
function testedKeys(object: ProjectObject): string[][] {
  const combined = object.tests.flatMap((test) => {
    const names =
      COMBINATION.exec(test)?.[1]
        ?.split(',')
        .map((name) => name.trim().replace(/['"[\]]/g, '')) ?? [];
    return names.length === 0 || names.includes('') ? [] : [names];
  });
  const single = object.columns.filter((column) => column.tests.some((test) => /^unique\b(?!_)/.test(test)));
  return [...single.map((column) => [column.name]), ...combined];
}
