import type { ParentFacts } from '../../../domain/project.ts';
import type { JoinFact } from '../sql/joins.ts';
import { type OutputColumn, same } from '../sql/scope.ts';
import { computationWords } from './computation.ts';
import type { Reading } from './reading.ts';
import { code, codes, counted, humanText, sentence } from './words.ts';

/** Where the data comes from: each parent, what is taken from it, and what it is by its own summary. */
export function writeLineage(reading: Reading): string {
  const { object, parents, children } = reading.facts;
  const parts: string[] = [];
  if (parents.length === 0) {
    parts.push(`${code(object.name)} has no parents in the project${outsideWords(reading)}.`);
  } else {
    const head = `${code(object.name)} reads ${counted(parents.length, 'relation')} directly:`;
    parts.push([head, ...parents.map((parent) => `- ${parentLine(parent, reading)}`)].join('\n'));
  }
  const own = ownColumns(reading);
  if (own.length > 0) parts.push(own);
  if (children.length > 0) parts.push(`Read directly by ${codes([...children], 'and', 20)}.`);
  return parts.join('\n\n');
}

function outsideWords(reading: Reading): string {
  const { sources } = reading.sql;
  return sources.length === 0
    ? '; it makes its rows itself'
    : `; its SQL reads ${codes(sources)}, which the project does not describe`;
}

/**
 * The name under which the SQL reads a parent; an identifier may differ where there is only one candidate.
 */
function relationOf(parent: ParentFacts, reading: Reading): string | undefined {
  const { sources } = reading.sql;
  const named = sources.find((source) => same(source, parent.name));
  if (named !== undefined) return named;
  const free = sources.filter((source) => !reading.facts.parents.some((other) => same(other.name, source)));
  const unmatched = reading.facts.parents.filter(
    (other) => !sources.some((source) => same(source, other.name)),
  );
  return free.length === 1 && unmatched.length === 1 ? free[0] : undefined;
}

function parentLine(parent: ParentFacts, reading: Reading): string {
  const head = `${code(parent.name)} (${parent.resourceType})`;
  const about = parent.summary === undefined ? '' : ` About it: ${humanText(parent.summary, 240)}`;
  if (!reading.readable) return `${head}.${about}`;
  const relation = relationOf(parent, reading);
  if (relation === undefined) {
    return `${head}: a parent by reference, but the SQL takes nothing from it that can be seen.${about}`;
  }
  const alias = same(relation, parent.name) ? '' : `, read as ${code(relation)}`;
  return `${sentence(`${head}${alias}: ${takenWords(relation, reading)}`)}${about}`;
}

function takenWords(relation: string, reading: Reading): string {
  const from = (column: OutputColumn): boolean =>
    column.certain && column.origins.some((origin) => same(origin.relation, relation));
  const columns = reading.sql.columns.filter(from);
  const plain = columns.filter((column) => column.expression.kind === 'column');
  const made = columns.filter((column) => column.expression.kind !== 'column');
  const parts: string[] = [];
  if (plain.length > 0) parts.push(`takes over ${takenNames(plain)}`);
  if (made.length > 0)
    parts.push(
      `is the basis of ${codes(
        made.map((column) => column.name),
        'and',
        10,
      )}`,
    );
  const open = reading.sql.openTo.some((name) => same(name, relation));
  if (open)
    parts.push(
      columns.length === 0
        ? 'hands on its columns by `select *`'
        : 'hands on its other columns by `select *`',
    );
  else if (columns.length === 0) parts.push(usedWords(relation, reading));
  if (joinTo(relation, reading) !== undefined) parts.push(joinedWords(relation, reading));
  return parts.join('; ');
}

function takenNames(columns: OutputColumn[]): string {
  const names = columns.slice(0, 12).map((column) => {
    const origin = column.origins[0]?.column ?? column.name;
    return same(origin, column.name) ? code(column.name) : `${code(origin)} as ${code(column.name)}`;
  });
  return columns.length > 12 ? `${names.join(', ')} and ${columns.length - 12} more` : listedNames(names);
}

const listedNames = (names: string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

function usedWords(relation: string, reading: Reading): string {
  const { sql } = reading;
  const unsure = sql.columns.some(
    (column) => !column.certain && column.origins.some((one) => same(one.relation, relation)),
  );
  return unsure
    ? 'may give some of the columns; the SQL does not say which'
    : 'gives no column of its own; it decides which rows there are';
}

/** The first join by which the rows of a relation come in, as it is or through steps that start from it. */
function joinTo(relation: string, reading: Reading): JoinFact | undefined {
  const { sources, steps } = reading.sql;
  if (same(sources[0] ?? '', relation)) return undefined;
  const names = new Set([relation.toLowerCase()]);
  for (const step of steps) {
    const starts = step.selects.some((select) => names.has((select.from[0] ?? '').toLowerCase()));
    if (starts && step.name !== undefined) names.add(step.name.toLowerCase());
  }
  const joins = steps.flatMap((step) => step.selects.flatMap((select) => select.joins));
  return joins.find((join) => names.has(join.relation.toLowerCase()));
}

function joinedWords(relation: string, reading: Reading): string {
  const join = joinTo(relation, reading);
  if (join === undefined) return '';
  const on = join.keys.length === 0 ? '' : ` on ${codes(join.keys.map((key) => key.right))}`;
  const handsOn = reading.sql.steps.find((step) => step.name === join.relation)?.handsOn;
  const direct = same(join.relation, relation) || same(handsOn ?? '', relation);
  const through = direct ? '' : `, through the step ${code(join.relation)}`;
  return `comes in by ${join.type === 'inner' ? 'an' : 'a'} ${join.type} join${on}${through}`;
}

function ownColumns(reading: Reading): string {
  const own = reading.sql.columns.filter(
    (column) => column.expression.kind !== 'column' && column.origins.length === 0 && column.certain,
  );
  if (own.length === 0 || !reading.readable) return '';
  const told = own.slice(0, 6).map((column) => `${code(column.name)} (${computationWords(column)})`);
  const rest = own.length > 6 ? ` and ${own.length - 6} more` : '';
  return `From no parent: ${told.join(', ')}${rest}.`;
}
