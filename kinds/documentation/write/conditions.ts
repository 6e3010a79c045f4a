import { render } from '../sql/render.ts';
import type { Expression } from '../sql/syntax.ts';
import { code, listed, snippet } from './words.ts';

/**
 * A condition in words, to follow “where”: `` `status` is 'paid' or 'open' and `amount` is greater than 0
 * ``.
 */
export function conditionWords(condition: Expression): string {
  switch (condition.kind) {
    case 'column':
      return `${columnCode(condition)} is true`;
    case 'operation':
      return operationWords(condition.operator, condition.operands) ?? snippet(render(condition));
    case 'call':
      if (condition.name === 'coalesce' && condition.arguments[1]?.kind === 'literal')
        return coalesceWords(condition);
      return snippet(render(condition));
    default:
      return snippet(render(condition));
  }
}

/** `coalesce(active, true)` holds also where nothing is known. */
function coalesceWords(condition: Extract<Expression, { kind: 'call' }>): string {
  const [value, fallback] = condition.arguments;
  if (value === undefined || fallback?.kind !== 'literal' || fallback.type !== 'boolean')
    return snippet(render(condition));
  const inner = conditionWords(value);
  return fallback.text === 'true' ? `${inner} or missing` : inner;
}

/** A value in a sentence: names and SQL as code, literals as they are. */
function valueWords(value: Expression): string {
  if (value.kind === 'column') return columnCode(value);
  if (value.kind === 'literal') return value.text;
  if (value.kind === 'cast') return valueWords(value.value);
  if (value.kind === 'query') return 'a subquery';
  return snippet(render(value), 100);
}

/** Without its table where the name alone says enough. */
function columnCode(column: Extract<Expression, { kind: 'column' }>): string {
  return code(render(column));
}

const COMPARISONS: Record<string, string> = {
  '=': 'is',
  '==': 'is',
  '<>': 'is not',
  '!=': 'is not',
  '>': 'is greater than',
  '>=': 'is at least',
  '<': 'is less than',
  '<=': 'is at most',
  like: 'matches',
  ilike: 'matches (in any case)',
  rlike: 'matches the pattern',
  regexp: 'matches the pattern',
  '~': 'matches the pattern',
  'not like': 'does not match',
  'not ilike': 'does not match (in any case)',
};

const STATES: Record<string, string> = {
  'is null': 'is missing',
  'is not null': 'has a value',
  'is true': 'is true',
  'is not true': 'is not true',
  'is false': 'is false',
  'is not false': 'is not false',
};

function operationWords(operator: string, operands: Expression[]): string | undefined {
  const [first, second, third] = operands;
  if (first === undefined) return undefined;
  if (operator === 'and' || operator === 'or') return combined(operator, operands);
  if (operator === 'not') return negated(first);
  const state = STATES[operator];
  if (state !== undefined) return `${valueWords(first)} ${state}`;
  if (second === undefined) return undefined;
  if (operator.endsWith('between') && third !== undefined) {
    const between = operator === 'between' ? 'is between' : 'is not between';
    return `${valueWords(first)} ${between} ${valueWords(second)} and ${valueWords(third)}`;
  }
  if (operator === 'in' || operator === 'not in') return membership(operator, first, second);
  const comparison = COMPARISONS[operator];
  return comparison === undefined ? undefined : `${valueWords(first)} ${comparison} ${valueWords(second)}`;
}

function combined(operator: 'and' | 'or', operands: Expression[]): string {
  const words = operands.map((operand) => {
    const text = conditionWords(operand);
    const nested =
      operand.kind === 'operation' && /^(and|or)$/.test(operand.operator) && operand.operator !== operator;
    return nested ? `(${text})` : text;
  });
  return words.length > 2 && operator === 'and' ? listed(words, 'and', 8) : words.join(` ${operator} `);
}

function negated(inner: Expression): string {
  if (inner.kind === 'column') return `${columnCode(inner)} is false`;
  if (inner.kind === 'call' && inner.name === 'exists') return 'no row of a subquery matches';
  return `not (${conditionWords(inner)})`;
}

function membership(operator: string, first: Expression, second: Expression): string {
  const not = operator === 'in' ? '' : 'not ';
  if (second.kind === 'query') {
    const relation = second.query.selects[0]?.from[0]?.name;
    const where = relation === undefined ? 'a subquery' : code(relation);
    return `${valueWords(first)} ${operator === 'in' ? 'occurs' : 'does not occur'} in ${where}`;
  }
  const items = second.kind === 'list' ? second.items : [second];
  const values = listed(items.map(valueWords), operator === 'in' ? 'or' : 'nor', 8);
  return operator === 'in'
    ? `${valueWords(first)} is ${values}`
    : `${valueWords(first)} is ${not}one of ${listed(items.map(valueWords), 'or', 8)}`;
}
