import { computationWords } from './computation.ts';
import type { ColumnReading, Reading } from './reading.ts';
import type { Role } from './roles.ts';
import { code, codes, counted, humanText, sentence } from './words.ts';

/** How many columns of a group are told one by one. */
const MAX_TOLD = 12;

/** What the object is good for: the questions it answers, its measures, segments, flags and dates. */
export function writeBusiness(reading: Reading): string {
  const { object } = reading.facts;
  const human = humanText(object.description);
  const parts = [human, questionWords(reading)].filter((part) => part !== '');
  parts.push(...section(reading, 'Measures', 'measure'));
  parts.push(...section(reading, 'Segments and categories', 'category'));
  parts.push(...section(reading, 'Flags', 'flag'));
  parts.push(...section(reading, 'Dates and times', 'date'));
  parts.push(scopeWords(reading), keySentence(reading));
  return parts.filter((part) => part !== '').join('\n\n');
}

function ofRole(reading: Reading, role: Role): ColumnReading[] {
  return reading.columns.filter((column) => column.role === role && !column.missing);
}

function questionWords(reading: Reading): string {
  const perRow = rowWords(reading);
  const [measures, categories, flags, dates] = (['measure', 'category', 'flag', 'date'] as const).map(
    (role) => ofRole(reading, role).map((column) => column.name),
  );
  const questions: string[] = [];
  if (measures?.length) {
    questions.push(`what ${codes(measures, 'and', 3)} ${measures.length === 1 ? 'is' : 'are'} ${perRow}`);
    if (categories?.length)
      questions.push(`how ${codes(measures.slice(0, 1))} differs by ${codes(categories, 'and', 3)}`);
    if (dates?.length)
      questions.push(`how ${codes(measures.slice(0, 1))} develops over ${codes(dates.slice(0, 1))}`);
  } else if (categories?.length) questions.push(`how many rows there are by ${codes(categories, 'and', 3)}`);
  if (flags?.length)
    questions.push(`for which rows ${codes(flags, 'or', 3)} ${flags.length === 1 ? 'holds' : 'hold'}`);
  if (!measures?.length && dates?.length)
    questions.push(`when something happened, by ${codes(dates, 'or', 3)}`);
  if (questions.length === 0) return lookUpWords(reading);
  return `Questions it can answer:\n${questions.map((question) => `- ${question}`).join('\n')}`;
}

function rowWords(reading: Reading): string {
  const { keys } = reading.grain;
  if (keys.length > 0) return `per ${codes(keys)}`;
  return 'per row';
}

function lookUpWords(reading: Reading): string {
  const { object } = reading.facts;
  const attributes = ofRole(reading, 'attribute').map((column) => column.name);
  if (attributes.length === 0) {
    return `${code(object.name)} holds no measures, dates or flags: other models build on it.`;
  }
  const wanted = codes(attributes, 'and', 5);
  return `${code(object.name)} holds no measures; it is for looking up ${wanted} ${rowWords(reading)}.`;
}

function section(reading: Reading, title: string, role: Role): string[] {
  const columns = ofRole(reading, role);
  if (columns.length === 0) return [];
  const lines = columns.slice(0, MAX_TOLD).map((column) => `- ${code(column.name)}: ${meaning(column)}`);
  if (columns.length > MAX_TOLD) {
    const rest = columns.slice(MAX_TOLD).map((column) => column.name);
    lines.push(`- and ${counted(rest.length, 'more', 'more')}: ${codes(rest, 'and', 20)}`);
  }
  return [`**${title}**\n${lines.join('\n')}`];
}

function meaning(column: ColumnReading): string {
  const human = humanText(column.human, 200);
  if (human !== '') return human;
  if (column.made === undefined) return 'handed on or made where the SQL does not show it.';
  const per = column.made.per?.length ? `, per ${codes(column.made.per)}` : '';
  return sentence(`${computationWords(column.made)}${per}`);
}

function scopeWords(reading: Reading): string {
  const { words } = reading.grain;
  if (words === undefined)
    return 'Neither the SQL nor a test proves what one row stands for: check before counting rows.';
  return `To keep in mind when counting: ${words}.`;
}

function keySentence(reading: Reading): string {
  const keys = ofRole(reading, 'foreign key').map((column) => column.name);
  return keys.length === 0 ? '' : `It can be joined to other data by ${codes(keys, 'and', 8)}.`;
}
