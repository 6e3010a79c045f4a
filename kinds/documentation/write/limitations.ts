import { findDrift } from '../drift.ts';
import type { JoinFact } from '../sql/joins.ts';
import { conditionWords } from './conditions.ts';
import { keyWords } from './join-words.ts';
import { type Reading, workingSteps } from './reading.ts';
import { testPoints, timePoints, unitPoints, valuePoints } from './value-limits.ts';
import { are, code, codes, counted, listed, sentence } from './words.ts';

/** Contradictions told in the text; the rest is in the list of drift. */
const MAX_DRIFT = 10;
const MAX_JOINS = 20;
const MAX_FILTERS = 4;

/** What to know before trusting the numbers, each point from the code, the columns or the tests. */
export function writeLimitations(reading: Reading): string {
  const points = [
    ...readingPoints(reading),
    ...driftPoints(reading),
    ...keyPoints(reading),
    ...joinPoints(reading),
    ...emptyPoints(reading),
    ...filterPoints(reading),
    ...valuePoints(reading),
    ...unitPoints(reading),
    ...timePoints(reading),
    ...testPoints(reading),
  ];
  const distinct = [...new Set(points)];
  if (distinct.length === 0) {
    return 'The SQL, the columns and the tests show no limits beyond those of the relations it reads.';
  }
  return distinct.map((point) => `- ${sentence(point)}`).join('\n');
}

function readingPoints(reading: Reading): string[] {
  if (!reading.readable) {
    return ['the code could not be read as SQL: nothing here says what it does with its rows'];
  }
  const points: string[] = [];
  if (!reading.sql.complete) {
    const relations = codes(reading.sql.openTo, 'and', 6);
    points.push(
      `\`select *\` hands on columns of ${relations} that are not all known, and may change with it`,
    );
  }
  const { unused } = reading.sql;
  if (unused.length > 0) {
    const steps = `the ${are(unused, 'step', 'steps')} ${codes(unused, 'and', 6)}`;
    points.push(`nothing uses ${steps}, which the code defines`);
  }
  if (!reading.sql.parsed) {
    points.push(
      'parts of the code are filled in by dbt or could not be read, so this text may miss something',
    );
  }
  return points;
}

function driftPoints(reading: Reading): string[] {
  return findDrift(reading.facts)
    .filter((drift) => drift.kind !== 'produced_but_not_declared')
    .slice(0, MAX_DRIFT)
    .map((drift) => drift.message);
}

function keyPoints(reading: Reading): string[] {
  const { words, keys, tested } = reading.grain;
  if (words === undefined) return ['neither the SQL nor a test says what makes a row unique'];
  if (keys.length === 0 || tested) return [];
  return [`no test checks that ${codes(keys)} ${are(keys, 'is', 'are together')} unique`];
}

function joinPoints(reading: Reading): string[] {
  const joins = workingSteps(reading.sql)
    .flatMap((step) => step.selects)
    .flatMap((select) => select.joins.map((join) => ({ join, driving: select.from[0] ?? '' })));
  const points = joins.slice(0, MAX_JOINS).flatMap(({ join, driving }) => joinPoint(join, driving));
  const open = joins.filter(
    ({ join }) => join.matches === 'unknown' && ['left', 'inner', 'right'].includes(join.type),
  );
  const names = [...new Set(open.map(({ join }) => join.relation))];
  if (names.length === 0) return points;
  const once = `${codes(names, 'or', 8)} ${are(names, 'has', 'have')} at most one row per join key`;
  return [...points, `nothing shows that ${once}: if not, rows multiply and sums count twice`];
}

function joinPoint(join: JoinFact, driving: string): string[] {
  const points: string[] = [];
  const joined = code(join.relation);
  if (join.undoneBy !== undefined) {
    const filter = conditionWords(join.undoneBy);
    points.push(`the filter that ${filter} turns the left join to ${joined} into an inner one`);
  } else if (join.type === 'inner') {
    points.push(`rows of ${code(driving)} without a match in ${joined}${keyWords(join)} are dropped`);
  }
  if (join.matches === 'many' && !['semi', 'anti', 'cross'].includes(join.type)) {
    points.push(
      `the join to ${joined} can multiply rows: its rows are unique by more columns than are joined`,
    );
  }
  if (join.type === 'cross') points.push(`the cross join to ${joined} combines every row with every row`);
  return points;
}

function emptyPoints(reading: Reading): string[] {
  const byRelation = new Map<string, string[]>();
  for (const { made, name } of reading.columns) {
    if (made?.emptyWithout === undefined) continue;
    byRelation.set(made.emptyWithout, [...(byRelation.get(made.emptyWithout) ?? []), name]);
  }
  return [...byRelation].map(
    ([relation, names]) =>
      `${codes(names, 'and', 6)} ${are(names)} empty where ${code(relation)} has no matching row`,
  );
}

function filterPoints(reading: Reading): string[] {
  const filters = workingSteps(reading.sql).flatMap((step) =>
    step.selects.flatMap((select) => select.filters),
  );
  const words = [...new Set(filters.map((filter) => conditionWords(filter.condition)))];
  if (words.length === 0) return [];
  const rest = words.length - MAX_FILTERS;
  const more = rest > 0 ? `, and under ${counted(rest, 'further condition')}` : '';
  return [`filters leave rows out: only those count where ${listed(words.slice(0, MAX_FILTERS))}${more}`];
}
