import { type OutputColumn, same } from '../sql/scope.ts';
import { computationWords } from './computation.ts';
import type { ColumnReading, Reading } from './reading.ts';
import { code, codes, humanText, sentence } from './words.ts';

/**
 * JSON text `{"columns": [{"name", "description"}]}`: every column once, in the order of the project's
 * files.
 */
export function writeColumns(reading: Reading): string {
  const columns = reading.columns.map((column) => ({
    name: column.name,
    description: describeColumn(column, reading),
  }));
  return JSON.stringify({ columns }, undefined, 1);
}

function describeColumn(column: ColumnReading, reading: Reading): string {
  const human = humanText(column.human, 500);
  const sentences = human === '' ? [] : [human];
  sentences.push(
    sentence(`${roleWords(column, reading)}${typeWords(column)}${originWords(column, reading)}`),
  );
  if (column.made !== undefined) sentences.push(...emptySentence(column));
  sentences.push(...testSentences(column), ...commentSentence(column));
  return sentences.join(' ');
}

function typeWords(column: ColumnReading): string {
  return column.type === undefined ? '' : ` (${column.type.toLowerCase()})`;
}

function roleWords(column: ColumnReading, reading: Reading): string {
  const { grain } = reading;
  switch (column.role) {
    case 'key':
      return grain.keys.length === 1 && same(grain.keys[0] ?? '', column.name)
        ? 'Key, one row per value'
        : 'Identifier';
    case 'key part':
      return `Part of the key, with ${codes(grain.keys.filter((key) => !same(key, column.name)))}`;
    case 'foreign key':
      return foreignKeyWords(column);
    case 'measure':
      return 'Measure';
    case 'date':
      return 'Point in time';
    case 'flag':
      return 'Flag';
    case 'category':
      return 'Category';
    case 'loading':
      return 'Technical column of the load';
    case 'attribute':
      return 'Attribute';
  }
}

function foreignKeyWords(column: ColumnReading): string {
  const relation = column.tests.map((test) => /^relationships\((.+)\)$/.exec(test)?.[1]).find(Boolean);
  if (relation !== undefined) return `Foreign key to ${code(relation)}`;
  const entity = column.name.replace(/_?(id|key|uuid|guid|sk|fk|pk)$/i, '').replaceAll('_', ' ');
  return entity === '' ? 'Identifier' : `Identifier of the ${entity.toLowerCase()}`;
}

function originWords(column: ColumnReading, reading: Reading): string {
  const { made } = column;
  if (made === undefined) return unknownOrigin(column, reading);
  const where =
    made.step === undefined || reading.sql.steps.length < 2 || made.expression.kind === 'column'
      ? ''
      : `, made in the step ${code(made.step)}`;
  return `: ${computationWords(made)}${perWords(made)}${where}${unionWords(made)}`;
}

function perWords(made: OutputColumn): string {
  const per = made.per ?? (made.inputs.length === 1 ? made.inputs[0]?.per : undefined);
  return per === undefined || per.length === 0 ? '' : `, per ${codes(per)}`;
}

/** What the other parts of a union put into the column. */
function unionWords(made: OutputColumn): string {
  const others = [...new Set((made.alternatives ?? []).map(computationWords))];
  if (others.length === 0) return '';
  if (others.length > 2) return `; ${others.length} other parts of the union fill it differently`;
  return `; in ${others.length === 1 ? 'another part' : 'other parts'} of the union ${others.join(', or ')}`;
}

function unknownOrigin(column: ColumnReading, reading: Reading): string {
  const { sql, readable } = reading;
  if (column.missing) return ', declared, but the SQL does not produce it';
  if (!readable) return ', where it comes from cannot be read from the code';
  const [only] = sql.openTo;
  if (only !== undefined) {
    const from = sql.openTo.length === 1 ? code(only) : `one of ${codes(sql.openTo, 'and', 6)}`;
    return `, handed on from ${from} by \`select *\``;
  }
  return ', known from the catalog; the SQL does not show how it is made';
}

/** What the author wrote above the column in the SQL; a word or two are a heading and say nothing. */
function commentSentence(column: ColumnReading): string[] {
  const comment = column.made?.comment ?? '';
  if (comment.split(' ').length < 4 || comment.length > 300) return [];
  return [`Comment in the code: “${comment}”.`];
}

function emptySentence(column: ColumnReading): string[] {
  const without = column.made?.emptyWithout;
  if (without === undefined) return [];
  if (!column.tests.includes('not_null')) return [`Empty where ${code(without)} has no matching row.`];
  return [`It would be empty where ${code(without)} has no matching row; its test reports that.`];
}

const ACCEPTED = /^accepted_values\((.*)\)$/;

function testSentences(column: ColumnReading): string[] {
  const sentences: string[] = [];
  const values = column.tests.map((test) => ACCEPTED.exec(test)?.[1]).find(Boolean);
  if (values !== undefined) sentences.push(`Allowed values: ${values}.`);
  const plain = [
    ...(column.tests.includes('unique') ? ['unique'] : []),
    ...(column.tests.includes('not_null') ? ['never empty'] : []),
  ];
  if (plain.length > 0) sentences.push(`Tested to be ${plain.join(' and ')}.`);
  return sentences;
}
