import type { SelectFacts, StepFacts } from '../sql/analyse.ts';
import { render, renderOrdering } from '../sql/render.ts';
import { computationWords } from './computation.ts';
import { conditionWords } from './conditions.ts';
import { joinWords } from './join-words.ts';
import { importSteps, type Reading, workingSteps } from './reading.ts';
import { clipped, code, codes, counted, listed, sentence, snippet } from './words.ts';

/** How the object is built: materialisation, steps in order, and the tests that watch it. */
export function writeTechnical(reading: Reading): string {
  const parts = [buildSentence(reading)];
  if (!reading.readable) {
    parts.push('The code could not be read as SQL, so its steps are not described.');
  } else {
    const working = workingSteps(reading.sql);
    const steps = [...importLines(reading), ...working.map((step) => stepLine(step, working.length))];
    parts.push(steps.map((step, index) => `${index + 1}. ${step}`).join('\n'));
  }
  parts.push(...incrementalSentence(reading), testSentence(reading), ...problemSentence(reading));
  return parts.filter((part) => part !== '').join('\n\n');
}

function buildSentence(reading: Reading): string {
  const { object } = reading.facts;
  const how =
    object.materialized === undefined
      ? `${code(object.name)} has no stated materialisation`
      : object.materialized === 'ephemeral'
        ? `${code(object.name)} is ephemeral: dbt writes it into the models that use it`
        : `${code(object.name)} is materialised as ${code(object.materialized)}`;
  const where =
    object.relation === undefined || object.materialized === 'ephemeral'
      ? ''
      : ` in ${code(object.relation.replaceAll('"', ''))}`;
  const file = object.path === '' ? '' : `, from ${code(object.path)}`;
  return sentence(`${how}${where}${file}`);
}

function importLines(reading: Reading): string[] {
  const imports = importSteps(reading.sql).filter((step) => step.selects[0]?.fromOutside);
  if (imports.length === 0) return [];
  const words = imports.map((step) => {
    const renamed = step.name !== undefined && step.name !== step.handsOn;
    return `${code(step.handsOn ?? '')}${renamed ? ` (as ${code(step.name ?? '')})` : ''}`;
  });
  return [`Reads ${listed(words, 'and', 15)} unchanged.`];
}

function stepLine(step: StepFacts, steps: number): string {
  const name = step.name === undefined ? 'Final select' : code(step.name);
  const [only] = step.selects;
  const parts =
    step.selects.length === 1 && only !== undefined
      ? selectParts(only)
      : [`${setWords(step)}: ${step.selects.map(branchWords).join(', ')}`];
  parts.push(...madeParts(step, steps), ...closingParts(step));
  return `${name}: ${parts.filter((part) => part !== '').join('; ')}.`;
}

const branchWords = (select: SelectFacts, index: number): string =>
  `(${index + 1}) ${selectParts(select).join('; ')}`;

function setWords(step: StepFacts): string {
  const operator = step.setOperators[0] ?? 'union';
  const duplicates =
    operator === 'union' ? ', without duplicates' : operator === 'union all' ? ', duplicates kept' : '';
  return `${code(operator)} of ${counted(step.selects.length, 'select')}${duplicates}`;
}

function selectParts(select: SelectFacts): string[] {
  const [driving] = select.from;
  const parts = [driving === undefined ? 'reads no relation' : `reads ${code(driving)}`];
  for (const join of select.joins) parts.push(joinWords(join, driving ?? ''));
  const [where, having] = (['where', 'having'] as const).map((clause) =>
    select.filters.filter(
      (filter) => filter.clause === clause || (clause === 'having' && filter.clause === 'qualify'),
    ),
  );
  if (where?.length)
    parts.push(
      `keeps rows where ${listed(
        where.map((filter) => conditionWords(filter.condition)),
        'and',
        8,
      )}`,
    );
  if (select.groupBy.length > 0)
    parts.push(`groups by ${listed(select.groupBy.map((key) => snippet(key, 80)))}`);
  if (having?.length)
    parts.push(`then keeps those where ${listed(having.map((filter) => conditionWords(filter.condition)))}`);
  if (select.distinct) parts.push('removes duplicate rows (`distinct`)');
  if (select.dedupe !== undefined) parts.push(dedupeWords(select.dedupe));
  return parts;
}

function dedupeWords(dedupe: NonNullable<SelectFacts['dedupe']>): string {
  const keys = listed(dedupe.partitionBy.map((key) => code(render(key))));
  const order =
    dedupe.orderBy.length === 0
      ? 'an arbitrary one'
      : `the first in the order of ${code(renderOrdering(dedupe.orderBy))}`;
  return `keeps one row per ${keys === '' ? 'all rows' : keys}: ${order}`;
}

/** The columns that a step computes; many are counted rather than told, the more so in long models. */
function madeParts(step: StepFacts, steps: number): string[] {
  const told = step.made
    .slice(0, steps > 6 ? 3 : 6)
    .map((column) => `${code(column.name)} (${clipped(computationWords(column), 220)})`);
  if (told.length === 0) return [];
  const rest = step.made.length - told.length;
  return [`computes ${listed(rest > 0 ? [...told, `${counted(rest, 'further column')}`] : told)}`];
}

function closingParts(step: StepFacts): string[] {
  const parts: string[] = [];
  if (step.orderBy.length > 0) parts.push(`sorts by ${code(renderOrdering(step.orderBy))}`);
  if (step.limit !== undefined) parts.push(`keeps at most ${step.limit} rows`);
  return parts;
}

function incrementalSentence(reading: Reading): string[] {
  const { sql, facts } = reading;
  if (sql.incremental.length === 0) {
    return facts.object.materialized === 'incremental'
      ? ['It is incremental, but the code shows no condition that limits which rows a run reads.']
      : [];
  }
  const conditions = sql.incremental.map((text) => snippet(text.replace(/^(where|and)\s+/i, ''), 200));
  const key = /unique_key\s*=\s*(\[[^\]]*\]|'[^']*'|"[^"]*")/.exec(facts.object.rawCode)?.[1];
  const names = [...(key ?? '').matchAll(/['"]([^'"]+)['"]/g)].map((found) => found[1] ?? '');
  const merged = names.length === 0 ? '' : `, and replaces rows with the same ${codes(names)}`;
  return [`When the table already exists, a run only adds rows under ${listed(conditions)}${merged}.`];
}

function testSentence(reading: Reading): string {
  const { object } = reading.facts;
  const columns = object.columns
    .filter((column) => column.tests.length > 0)
    .map((column) => `${code(column.name)} (${column.tests.map((test) => test.slice(0, 120)).join(', ')})`);
  const whole = object.tests.map((test) => code(test.slice(0, 160)));
  if (columns.length + whole.length === 0) return 'No tests are declared for it.';
  const parts = [
    ...(columns.length > 0 ? [`columns ${listed(columns, 'and', 15)}`] : []),
    ...(whole.length > 0 ? [`the whole ${object.resourceType}: ${listed(whole)}`] : []),
  ];
  return `Tests cover ${parts.join('; ')}.`;
}

function problemSentence(reading: Reading): string[] {
  const problems = [...new Set(reading.sql.problems)];
  if (problems.length === 0 || !reading.readable) return [];
  const words = problems
    .slice(0, 5)
    .map((problem) => (problem.includes('`') ? problem : snippet(problem, 80)));
  const rest = problems.length > 5 ? [`${problems.length - 5} more`] : [];
  return [`Not visible in the code as it stands: ${listed([...words, ...rest])}.`];
}
