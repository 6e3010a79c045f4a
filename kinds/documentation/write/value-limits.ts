import { contains, type Expression } from '../sql/syntax.ts';
import { type ColumnReading, type Reading, workingSteps } from './reading.ts';
import { are, codes, snippet } from './words.ts';

/** Numbers and texts that somebody wrote into the SQL, and that change when the business does. */
export function valuePoints(reading: Reading): string[] {
  const chosen = namesWhere(reading, (expression) => contains(expression, isChoice));
  const constant = namesWhere(reading, isEmptyConstant);
  return [
    ...(chosen.length === 0
      ? []
      : [`the values that decide ${codes(chosen, 'and', 6)} are written into the SQL`]),
    ...(constant.length === 0
      ? []
      : [`${codes(constant, 'and', 8)} ${are(constant)} always empty in this project`]),
  ];
}

function namesWhere(reading: Reading, test: (expression: Expression) => boolean): string[] {
  return reading.sql.columns.filter((column) => test(column.expression)).map((column) => column.name);
}

/** A case that compares with a literal. */
function isChoice(part: Expression): boolean {
  const compares = (inner: Expression): boolean =>
    inner.kind === 'operation' &&
    /^(<|>|<=|>=|between|=|in)$/.test(inner.operator) &&
    inner.operands.slice(1).some((one) => one.kind === 'literal' || one.kind === 'list');
  return part.kind === 'case' && part.branches.some((branch) => contains(branch.when, compares));
}

function isEmptyConstant(expression: Expression): boolean {
  const value = expression.kind === 'cast' ? expression.value : expression;
  return value.kind === 'literal' && value.type === 'null';
}

/** Cents, and amounts of which nothing says the currency. */
export function unitPoints(reading: Reading): string[] {
  const points: string[] = [];
  const divided = namesWhere(reading, (expression) => contains(expression, isHundredth));
  if (divided.length > 0) {
    const names = `${codes(divided, 'and', 6)} ${are(divided)}`;
    points.push(`${names} divided by 100 (cents to whole units, as it seems): do not divide again`);
  }
  const cents = reading.columns.map((column) => column.name).filter((name) => /(^|_)cents?(_|$)/i.test(name));
  if (cents.length > 0) {
    points.push(
      `${codes(cents, 'and', 6)} ${are(cents)} in cents by ${are(cents, 'its name', 'their names')}`,
    );
  }
  const money = reading.columns.filter(isMoneyOfUnknownCurrency).map((column) => column.name);
  if (money.length > 0 && !reading.columns.some((column) => /currency/i.test(column.name))) {
    points.push(`no column says in which currency or unit ${codes(money, 'and', 4)} ${are(money)}`);
  }
  return points;
}

function isHundredth(part: Expression): boolean {
  const [, right] = part.kind === 'operation' && part.operator === '/' ? part.operands : [];
  return right?.kind === 'literal' && /^100(\.0*)?$/.test(right.text);
}

function isMoneyOfUnknownCurrency(column: ColumnReading): boolean {
  const { name, human, role } = column;
  if (role !== 'measure' || /count|number|quantity|_cents$/i.test(name)) return false;
  return (
    /amount|price|cost|revenue|spend|fee|total|value|balance|mrr/i.test(name) &&
    !/\b(USD|AUD|EUR|GBP|currency|dollars?|euros?)\b/i.test(human)
  );
}

/** Columns that move with the clock, times without a zone, and rows that a limit cuts off. */
export function timePoints(reading: Reading): string[] {
  const points: string[] = [];
  const moving = namesWhere(reading, (expression) => contains(expression, isNow));
  if (moving.length > 0) {
    const names = `${codes(moving, 'and', 6)} ${are(moving, 'depends', 'depend')}`;
    points.push(`${names} on the time of the run: the same row changes from day to day`);
  }
  const plain = reading.columns.filter(hasNoZone).map((column) => column.name);
  if (plain.length > 0)
    points.push(`${codes(plain, 'and', 6)} ${are(plain, 'carries', 'carry')} no time zone`);
  const cut = workingSteps(reading.sql).find((step) => step.limit !== undefined);
  if (cut !== undefined) points.push(`${snippet(`limit ${cut.limit}`)} cuts the rows off`);
  return points;
}

function isNow(part: Expression): boolean {
  return (
    part.kind === 'call' && /^(current_(date|timestamp|time)|now|getdate|sysdate|today)$/.test(part.name)
  );
}

function hasNoZone(column: ColumnReading): boolean {
  const plainType = /^timestamp( without|$|_ntz)/i.test(column.type ?? '');
  return column.role === 'date' && plainType && !/UTC|time ?zone/i.test(column.human);
}

/** Columns that no test watches. */
export function testPoints(reading: Reading): string[] {
  const { columns, facts } = reading;
  const untested = columns.filter((column) => column.tests.length === 0).length;
  if (untested === 0) return [];
  if (untested < columns.length) {
    return [`${untested} of ${columns.length} columns ${untested === 1 ? 'has' : 'have'} no test`];
  }
  return facts.object.tests.length === 0 ? ['no column has a test'] : ['no single column has a test'];
}
