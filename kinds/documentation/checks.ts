import { isJson } from '../../domain/is-json.ts';
import type { DocumentationFacts, Layer } from '../../domain/project.ts';
import { knownWordsOf } from './known-words.ts';
import { columnsToDescribe } from './write/reading.ts';

/** Characters that a text layer must have at least, and may have at most. */
const MIN_LENGTH = 20;
const MAX_LENGTH: Record<Exclude<Layer, 'columns'>, number> = {
  summary: 3_000,
  business: 15_000,
  technical: 20_000,
  lineage: 15_000,
  limitations: 12_000,
};
const MAX_DESCRIPTION_LENGTH = 2_000;
/** Problems named to the model in a repair; more of them help nobody. */
const MAX_PROBLEMS = 10;

const REFUSALS = [
  /\bas an? (?:ai|artificial intelligence|(?:large )?language model)\b/i,
  /\bI(?:'m| am) (?:sorry|unable|not able)\b/i,
  /\bI (?:cannot|can't|can not|won't) (?:help|assist|provide|generate|write|document|comply|fulfil)/i,
  /\b(?:lorem ipsum|insert (?:text|description) here|to be documented)\b/i,
];

/**
 * What is wrong with an answer, in words; an empty list accepts it. Text layers: a sensible length, no
 * refusal, no name of a table or column that neither the code nor the project knows. `columns`: JSON with
 * every column exactly once.
 */
export function checkLayer(layer: Layer, text: string, facts: DocumentationFacts): string[] {
  const problems = layer === 'columns' ? checkColumns(text, facts) : checkText(layer, text, facts);
  return problems.slice(0, MAX_PROBLEMS);
}

function checkText(layer: Exclude<Layer, 'columns'>, text: string, facts: DocumentationFacts): string[] {
  const trimmed = text.trim();
  if (trimmed === '') return ['The answer is empty.'];
  const problems: string[] = [];
  if (trimmed.length < MIN_LENGTH)
    problems.push(`The answer is too short: at least ${MIN_LENGTH} characters.`);
  if (trimmed.length > MAX_LENGTH[layer]) {
    problems.push(`The answer is too long: ${trimmed.length} of at most ${MAX_LENGTH[layer]} characters.`);
  }
  if (/^[[{]/.test(trimmed) && isJson(trimmed)) problems.push('The answer must be text, not JSON.');
  return [...problems, ...refusals(trimmed), ...inventedNames(trimmed, facts)];
}

function refusals(text: string): string[] {
  // What people wrote may be quoted; a refusal stands at the start or is the whole of the answer.
  const start = text.slice(0, 300);
  return REFUSALS.some((pattern) => pattern.test(start))
    ? ['The answer refuses or leaves a blank to be filled in.']
    : [];
}

/** A single name in backticks: `` `orders` ``, `` `orders.id` ``, not a piece of SQL. */
const NAMES = /`([A-Za-z_][\w$]*(?:\.[A-Za-z_*][\w$]*)*)`/g;

const GENERAL_WORDS = new Set(
  `template_value true false null table view incremental ephemeral snapshot seed model models source
  materialized_view select distinct left right inner outer full cross join union all on using where
  group by having qualify order limit with case when then else end and or not in is between like
  exists over partition row_number rank dense_rank lag lead first_value last_value sum count min max
  avg median coalesce nullif ifnull nvl cast try_cast safe_cast date_trunc datediff date_diff dateadd
  date_add extract concat upper lower trim round abs floor ceil greatest least md5 sha256 current_date
  current_timestamp now string_agg array_agg listagg bigint integer int smallint numeric decimal float
  double real text varchar char string boolean bool date timestamp timestamptz timestamp_ntz time
  interval json jsonb variant array struct uuid unique not_null accepted_values relationships ref
  source config is_incremental unique_key schema database utc usd eur aud gbp dbt sql`.split(/\s+/),
);

function inventedNames(text: string, facts: DocumentationFacts): string[] {
  const known = knownWordsOf(facts);
  const invented = new Set<string>();
  for (const [, name] of text.matchAll(NAMES)) {
    const parts = (name ?? '').toLowerCase().split('.');
    if (parts.some((part) => part !== '*' && !GENERAL_WORDS.has(part) && !known.has(part)))
      invented.add(name ?? '');
  }
  return [...invented].map((name) => `\`${name}\` is neither in the code nor among the columns and parents.`);
}

function checkColumns(text: string, facts: DocumentationFacts): string[] {
  if (text.trim() === '') return ['The answer is empty.'];
  const entries = columnEntries(text);
  if (entries === undefined) {
    return ['The answer is not JSON of the form {"columns": [{"name": "…", "description": "…"}]}.'];
  }
  const expected = columnsToDescribe(facts);
  const names = new Map(expected.map((name) => [name.toLowerCase(), name]));
  const seen = new Set<string>();
  const problems: string[] = [];
  for (const { name, description } of entries) {
    const key = name.toLowerCase();
    if (!names.has(key)) problems.push(`The column \`${name}\` does not exist.`);
    else if (seen.has(key)) problems.push(`The column \`${name}\` is described more than once.`);
    else problems.push(...descriptionProblems(name, description));
    seen.add(key);
  }
  const missing = expected.filter((name) => !seen.has(name.toLowerCase()));
  return [...missing.map((name) => `The column \`${name}\` is not described.`), ...problems];
}

function descriptionProblems(name: string, description: string): string[] {
  const trimmed = description.trim();
  if (trimmed === '') return [`The description of \`${name}\` is empty.`];
  if (repeatsName(name, trimmed)) return [`The description of \`${name}\` only repeats its name.`];
  if (trimmed.length > MAX_DESCRIPTION_LENGTH) return [`The description of \`${name}\` is too long.`];
  return refusals(trimmed).map(() => `The description of \`${name}\` refuses or leaves a blank.`);
}

const FILLERS = new Set([
  'the',
  'a',
  'an',
  'of',
  'this',
  'is',
  'column',
  'field',
  'value',
  'for',
  'contains',
]);

/** True where nothing is left of a description after the words of the name and filler words are taken out. */
function repeatsName(name: string, description: string): boolean {
  // A reference to something else, `id` of `raw_orders`, says where a column comes from.
  const references = [...description.matchAll(/`([^`]+)`/g)].map(([, reference]) => reference?.toLowerCase());
  if (references.some((reference) => reference !== name.toLowerCase())) return false;
  const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const own = new Set(wordsOf(name.replace(/_/g, ' ').replace(/([a-z])([A-Z])/g, '$1 $2')));
  return wordsOf(description.replace(/_/g, ' ')).every((word) => own.has(word) || FILLERS.has(word));
}

function columnEntries(text: string): { name: string; description: string }[] | undefined {
  const unfenced = text
    .trim()
    .replace(/^```(?:json)?\s*/i, '')
    .replace(/\s*```$/, '');
  try {
    const columns: unknown = (JSON.parse(unfenced) as { columns?: unknown } | null)?.columns;
    if (!Array.isArray(columns)) return undefined;
    const isEntry = (entry: unknown): entry is { name: string; description: string } =>
      typeof (entry as { name?: unknown } | null)?.name === 'string' &&
      typeof (entry as { description?: unknown }).description === 'string';
    return columns.every(isEntry) ? columns : undefined;
  } catch {
    return undefined;
  }
}

/** Description by column name of an accepted `columns` answer; a fence around the JSON is tolerated. */
export function parseColumns(text: string): Record<string, string> {
  const entries = columnEntries(text) ?? [];
  return Object.fromEntries(entries.map(({ name, description }) => [name, description.trim()]));
}

/** What to add to the instruction for the one attempt at repair. */
export function repairInstruction(problems: string[]): string {
  const list = problems.slice(0, MAX_PROBLEMS).map((problem) => `- ${problem}`);
  const lines = [
    'Your last answer was not accepted:',
    ...list,
    'Answer again in full, with these put right.',
  ];
  return lines.join('\n');
}
