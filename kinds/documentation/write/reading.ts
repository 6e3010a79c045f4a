import type { Column, DocumentationFacts } from '../../../domain/project.ts';
import type { SqlFacts, StepFacts } from '../sql/analyse.ts';
import { sqlOf } from '../sql/object.ts';
import { type OutputColumn, same } from '../sql/scope.ts';
import { type Grain, grainOf } from './grain.ts';
import { type Role, roleOf } from './roles.ts';

/** A column of an object, from all that is known of it. */
export interface ColumnReading {
  name: string;
  /** In the project's files. */
  declared: boolean;
  type?: string;
  /** What people wrote; ''. */
  human: string;
  tests: string[];
  /** How the SQL makes it; undefined where it does not, or where that cannot be seen. */
  made?: OutputColumn;
  /** True where it is certain that the SQL does not make it. */
  missing: boolean;
  role: Role;
}

/** An object as the writer sees it. */
export interface Reading {
  facts: DocumentationFacts;
  sql: SqlFacts;
  /** False where there is no SQL, or nothing of it could be read. */
  readable: boolean;
  grain: Grain;
  columns: ColumnReading[];
}

const read = new WeakMap<DocumentationFacts, Reading>();

/** Reads an object once for all its layers. */
export function readObject(facts: DocumentationFacts): Reading {
  const before = read.get(facts);
  if (before !== undefined) return before;
  const sql = sqlOf(facts);
  const grain = grainOf(facts.object, sql);
  const columns = columnNames(facts, sql).map((name) => readColumn(name, facts, sql, grain));
  const reading = { facts, sql, grain, columns, readable: sql.steps.some((step) => step.selects.length > 0) };
  read.set(facts, reading);
  return reading;
}

/** The columns to describe: all that are declared or in the catalog, then those that only the SQL shows. */
export function columnsToDescribe(facts: DocumentationFacts): readonly string[] {
  return columnNames(facts, sqlOf(facts));
}

/** What was read of an object belongs to it alone, and is kept with it. */
const namesBySql = new WeakMap<SqlFacts, readonly string[]>();

function columnNames(facts: DocumentationFacts, sql: SqlFacts): readonly string[] {
  const before = namesBySql.get(sql);
  if (before !== undefined) return before;
  const names = new Map<string, string>();
  const add = (name: string) => {
    if (name !== '' && !names.has(name.toLowerCase())) names.set(name.toLowerCase(), name);
  };
  for (const column of facts.object.columns) add(column.name);
  for (const column of sql.columns) add(column.name);
  const all = [...names.values()];
  namesBySql.set(sql, all);
  return all;
}

function readColumn(name: string, facts: DocumentationFacts, sql: SqlFacts, grain: Grain): ColumnReading {
  const known: Column | undefined = facts.object.columns.find((column) => same(column.name, name));
  const made = sql.columns.find((column) => same(column.name, name));
  const inCatalog = known !== undefined && (!known.declared || known.type !== undefined);
  const type = known?.type ?? castType(made);
  const base = {
    name,
    declared: known?.declared ?? false,
    human: known?.description ?? '',
    tests: known?.tests ?? [],
    missing: made === undefined && sql.complete && sql.parsed && sql.columns.length > 0 && !inCatalog,
    ...(type === undefined ? {} : { type }),
    ...(made === undefined ? {} : { made }),
  };
  return { ...base, role: roleOf(base, facts, grain) };
}

function castType(made: OutputColumn | undefined): string | undefined {
  return made?.expression.kind === 'cast' ? made.expression.type : undefined;
}

/** Steps that do more than hand a relation on. */
export function workingSteps(sql: SqlFacts): StepFacts[] {
  return sql.steps.filter((step) => step.handsOn === undefined && step.selects.length > 0);
}

/** Steps that only bring a relation in, by step name. */
export function importSteps(sql: SqlFacts): StepFacts[] {
  return sql.steps.filter((step) => step.handsOn !== undefined);
}
