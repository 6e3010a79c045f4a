import type { DocumentationFacts, Drift, ProjectObject } from '../../domain/project.ts';
import type { SqlFacts } from './sql/analyse.ts';
import { columnsAreComplete, sqlOf } from './sql/object.ts';
import { same } from './sql/scope.ts';

/**
 * Contradictions between what people wrote and what the code does, only where they are certain: a `*` over
 * relations whose columns are not known, or code that could not be read to its end, is no ground to call a
 * column missing.
 */
export function findDrift(facts: DocumentationFacts): Drift[] {
  const sql = sqlOf(facts);
  return [...columnDrift(facts.object, sql), ...grainDrift(facts.object, sql)];
}

/** The columns that the object really has; undefined where that is not certain. */
function producedColumns(object: ProjectObject, sql: SqlFacts): string[] | undefined {
  if (sql.parsed && sql.complete && sql.columns.length > 0) return sql.columns.map((column) => column.name);
  // The catalog is of an earlier run, but it is all there is. A column of it carries a type.
  if (object.columns.some((column) => !column.declared) && columnsAreComplete(object.columns)) {
    const inCatalog = object.columns.filter((column) => column.type !== undefined);
    return [...inCatalog, ...sql.columns].map((column) => column.name);
  }
  return undefined;
}

function columnDrift(object: ProjectObject, sql: SqlFacts): Drift[] {
  const declared = object.columns.filter((column) => column.declared);
  const produced = producedColumns(object, sql);
  if (declared.length === 0 || produced === undefined) return [];
  const has = (name: string, names: string[]): boolean => names.some((other) => same(other, name));
  const declaredNames = declared.map((column) => column.name);
  const extra = produced.filter((name) => !has(name, declaredNames));
  const missing = declaredNames.filter((name) => !has(name, produced));
  return [
    ...missing.map(
      (name): Drift => ({
        column: name,
        kind: 'declared_but_not_produced',
        message: missingMessage(name, object, sql, extra),
      }),
    ),
    ...extra.map(
      (name): Drift => ({
        column: name,
        kind: 'produced_but_not_declared',
        message: `\`${name}\` is produced, but no file of the project declares it.`,
      }),
    ),
  ];
}

function missingMessage(name: string, object: ProjectObject, sql: SqlFacts, extra: string[]): string {
  const description = object.columns.find((column) => same(column.name, name))?.description ?? '';
  const likely = likelyReplacement(name, description, extra, sql);
  const instead =
    likely === undefined ? '' : ` It produces \`${likely}\`, which is not declared and may be what is meant.`;
  return `\`${name}\` is declared, but the code does not produce it.${instead}`;
}

/**
 * The undeclared column that shares most with the missing one: in its name, its description, or how it is
 * made.
 */
function likelyReplacement(
  name: string,
  description: string,
  extra: string[],
  sql: SqlFacts,
): string | undefined {
  const wanted = new Set([...wordsOf(name), ...wordsOf(description)]);
  const scored = extra.map((candidate) => {
    const made = sql.columns.find((column) => same(column.name, candidate));
    const inputs = made?.inputs.map((input) => input.name) ?? [];
    const names = [candidate, ...inputs, ...(made?.origins.map((origin) => origin.column) ?? [])];
    const shared = [...new Set(names.flatMap(wordsOf))].filter((word) => wanted.has(word));
    return { candidate, score: shared.length };
  });
  const best = scored.sort((left, right) => right.score - left.score)[0];
  if (best !== undefined && best.score > 0) return best.candidate;
  return extra.length === 1 ? extra[0] : undefined;
}

const STOP_WORDS = new Set(['the', 'of', 'a', 'an', 'in', 'is', 'for', 'to', 'and', 'or', 'id', 'by', 's']);

function wordsOf(text: string): string[] {
  const words = text.toLowerCase().split(/[^a-z0-9]+/);
  return words
    .filter((word) => word.length > 1 && !STOP_WORDS.has(word))
    .map((word) => word.replace(/s$/, ''));
}

const PER_WORDS = /\bone (?:row|record) (?:per|for each|for every) ([a-z][a-z _-]*)/i;

/** A description that says one row per X, where the SQL groups by keys that have nothing to do with X. */
function grainDrift(object: ProjectObject, sql: SqlFacts): Drift[] {
  const stated = PER_WORDS.exec(object.description.replace(/[`*]/g, ''))?.[1];
  const keys = groupedKeys(sql);
  if (stated === undefined || keys === undefined) return [];
  const text = stated.split(/\b(?:in|with|that|which|where|from|of|containing|including)\b/i)[0] ?? stated;
  const said = new Set(wordsOf(text));
  if (said.size === 0) return [];
  const related = keys.some((key) => wordsOf(key).some((word) => said.has(word)));
  if (related) return [];
  const grain =
    keys.length === 0 ? 'one single row' : `one row per ${keys.map((key) => `\`${key}\``).join(' and ')}`;
  const message = `The description says one row per ${text.trim()}, but the SQL makes ${grain}.`;
  return [{ kind: 'contradicts_code', message }];
}

/**
 * The keys by which the last step groups; undefined where it does not, because then the grain is not as
 * certain.
 */
function groupedKeys(sql: SqlFacts): string[] | undefined {
  const last = [...sql.steps].reverse().find((step) => step.handsOn === undefined);
  const [select] = last?.selects ?? [];
  if (!sql.parsed || last === undefined || select === undefined || last.selects.length > 1) return undefined;
  return select.groupBy.length > 0 && select.dedupe === undefined ? select.groupBy : undefined;
}
