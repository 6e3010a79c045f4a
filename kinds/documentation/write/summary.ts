import type { StepFacts } from '../sql/analyse.ts';
import { conditionWords } from './conditions.ts';
import { type Reading, workingSteps } from './reading.ts';
import { are, code, codes, counted, humanText, listed } from './words.ts';

/** Two to five sentences: what the object is, at what grain, from what, and what it adds. */
export function writeSummary(reading: Reading): string {
  const { object } = reading.facts;
  const human = humanText(object.description);
  const sentences = [human === '' ? openingWords(reading) : human];
  if (!reading.readable) {
    sentences.push(`Its code could not be read as SQL, so this text rests on its name, columns and parents.`);
    if (reading.facts.parents.length > 0) sentences.push(`It is built from ${parentNames(reading)}.`);
    return sentences.join(' ');
  }
  if (human !== '') sentences.push(`It is ${article(object.materialized)} ${shapeWords(reading)}.`);
  sentences.push(...grainSentence(reading), ...additionSentence(reading), ...filterSentence(reading));
  return sentences.join(' ');
}

function openingWords(reading: Reading): string {
  const { object } = reading.facts;
  if (!reading.readable) return `${code(object.name)} is ${article(object.materialized)}.`;
  return `${code(object.name)} is ${article(object.materialized)} ${shapeWords(reading)}.`;
}

function article(materialized: string | undefined): string {
  if (materialized === undefined) return 'a model';
  return `${/^[aeiou]/i.test(materialized) ? 'an' : 'a'} ${materialized} model`;
}

function parentNames(reading: Reading): string {
  return codes(reading.facts.parents.map((parent) => parent.name));
}

/** What kind of work the SQL does: `that joins … to …`. */
function shapeWords(reading: Reading): string {
  const { sql } = reading;
  const steps = workingSteps(sql);
  const sources = codes(sql.sources, 'and', 6);
  if (sql.sources.length === 0) return 'that makes its rows itself and reads no other relation';
  const union = steps.find((step) => step.setOperators.length > 0);
  const joins = steps.flatMap((step) => step.selects.flatMap((select) => select.joins));
  const last = steps.at(-1);
  if (last === undefined) return `that hands ${sources} on unchanged`;
  if (union !== undefined && joins.length === 0) {
    return `that puts ${counted(union.selects.length, 'result')} from ${sources} together`;
  }
  if (joins.length > 0) return joinedWords(reading);
  if (last.selects.some((select) => select.groupBy.length > 0)) return `that aggregates ${sources}`;
  if (steps.some((step) => step.selects.some((select) => select.dedupe !== undefined))) {
    return `that keeps one row of ${sources} for each key`;
  }
  return `${plainWords(steps, reading)} ${sources}`;
}

function joinedWords(reading: Reading): string {
  const [driving, ...others] = reading.sql.sources;
  if (others.length === 0) return `that joins ${code(driving ?? '')} with results of its own`;
  return `that starts from ${code(driving ?? '')} and joins it to ${codes(others, 'and', 6)}`;
}

function plainWords(steps: StepFacts[], reading: Reading): string {
  const made = steps.flatMap((step) => step.made).filter((column) => column.expression.kind !== 'cast');
  const renamed = reading.sql.columns.filter(
    (column) => column.expression.kind === 'column' && column.origins[0]?.column !== column.name,
  );
  if (made.length > 0) return 'that derives columns from';
  if (renamed.length > 0) return 'that renames and types the columns of';
  return 'that selects columns of';
}

function grainSentence(reading: Reading): string[] {
  const { words, basis, tested } = reading.grain;
  if (words === undefined) return ['Neither the SQL nor a test proves what one row stands for.'];
  const because =
    basis === undefined
      ? ''
      : ` (${basis}${tested && !basis.includes('test') ? ', and a test checks it' : ''})`;
  return [`It holds ${words}${because}.`];
}

function additionSentence(reading: Reading): string[] {
  const added = reading.columns.filter(
    (column) => column.made !== undefined && column.made.expression.kind !== 'column',
  );
  const measures = added.filter((column) => column.role === 'measure').map((column) => column.name);
  const others = added
    .filter((column) => !['measure', 'loading'].includes(column.role))
    .map((column) => column.name);
  const parts: string[] = [];
  if (measures.length > 0)
    parts.push(`the ${measures.length === 1 ? 'measure' : 'measures'} ${codes(measures, 'and', 5)}`);
  if (others.length > 0) {
    const which = measures.length > 0 ? 'the' : 'the derived';
    parts.push(`${which} ${are(others, 'column', 'columns')} ${codes(others, 'and', 4)}`);
  }
  return parts.length === 0 ? [] : [`It adds ${listed(parts)}.`];
}

function filterSentence(reading: Reading): string[] {
  const filters = workingSteps(reading.sql)
    .filter((step) => step.selects.length === 1)
    .flatMap((step) => step.selects[0]?.filters.map((filter) => ({ step, filter })) ?? []);
  if (filters.length === 0) return [];
  if (filters.length > 3)
    return [`${counted(filters.length, 'filter')} in its steps decide which rows count.`];
  const words = filters.map(({ step, filter }) => {
    const where =
      step === reading.sql.steps.at(-1) || step.name === undefined ? '' : `in ${code(step.name)} `;
    return `${where}only those where ${conditionWords(filter.condition)}`;
  });
  return [`It does not use all rows: ${words.join('; ')}.`];
}
