import { readPrimary } from './read-primary.ts';
import { deeper, next, peek, type Reader, sees, seesWordOf, skipTo, take, unknownPiece } from './reader.ts';
import type { Expression } from './syntax.ts';

/** How tightly operators bind; a higher number binds tighter. */
const COMPARISON = 4;
const BINDING: Record<string, number> = {
  or: 1,
  and: 2,
  '=': COMPARISON,
  '==': COMPARISON,
  '<>': COMPARISON,
  '!=': COMPARISON,
  '<=>': COMPARISON,
  '<': COMPARISON,
  '>': COMPARISON,
  '<=': COMPARISON,
  '>=': COMPARISON,
  '||': 5,
  '->': 8,
  '->>': 8,
  '#>': 8,
  '~': 5,
  '~*': 5,
  '!~': 5,
  '!~*': 5,
  '|': 5,
  '&': 5,
  '^': 7,
  '+': 6,
  '-': 6,
  '*': 7,
  '/': 7,
  '%': 7,
  div: 7,
  mod: 7,
};
const NOT_BINDING = 3;
const MATCHES = ['like', 'ilike', 'rlike', 'regexp', 'similar to', 'glob'];
/** What a predicate that follows a value begins with. */
const PREDICATES: ReadonlySet<string> = new Set([
  ...['is', 'isnull', 'notnull', 'not', 'in', 'between'],
  ...MATCHES.map((words) => words.split(' ')[0] ?? ''),
]);

/** Reads one expression; what follows it stays unread. Never throws. */
export function readExpression(reader: Reader, binding = 0): Expression {
  return deeper(
    reader,
    () => readOperation(reader, binding),
    () => unknownPiece(skipTo(reader, (inner) => sees(inner, ','))),
  );
}

function readOperation(reader: Reader, binding: number): Expression {
  let left = readPrefixed(reader);
  for (;;) {
    const predicate = binding <= COMPARISON ? readPredicate(reader, left) : undefined;
    if (predicate !== undefined) {
      left = predicate;
      continue;
    }
    const token = peek(reader);
    const strength = token.kind === 'word' || token.kind === 'symbol' ? BINDING[token.value] : undefined;
    if (strength === undefined || strength <= binding) return left;
    // `mod` and `div` may also be aliases; only an operator has something to its right.
    if (token.kind === 'word' && strength > 2 && [',', ')', ''].includes(peek(reader, 1).value)) return left;
    next(reader);
    left = operation(token.value, left, readExpression(reader, strength));
  }
}

/** `a and b and c` as one operation with three operands, so that it reads as a list. */
function operation(operator: string, left: Expression, right: Expression): Expression {
  const flat = operator === 'and' || operator === 'or' || operator === '||' || operator === '+';
  if (flat && left.kind === 'operation' && left.operator === operator && left.operands.length > 1) {
    left.operands.push(right);
    return left;
  }
  return { kind: 'operation', operator, operands: [left, right] };
}

function readPrefixed(reader: Reader): Expression {
  if (take(reader, 'not')) {
    return { kind: 'operation', operator: 'not', operands: [readExpression(reader, NOT_BINDING)] };
  }
  if (take(reader, '-')) {
    const value = readExpression(reader, 7);
    if (value.kind === 'literal') return { ...value, text: `-${value.text}` };
    return { kind: 'operation', operator: '-', operands: [value] };
  }
  if (take(reader, '+')) return readExpression(reader, 7);
  return readPrimary(reader, readExpression);
}

function readPredicate(reader: Reader, left: Expression): Expression | undefined {
  if (!seesWordOf(reader, PREDICATES)) return undefined;
  if (sees(reader, 'is')) return readIs(reader, left);
  if (take(reader, 'isnull')) return { kind: 'operation', operator: 'is null', operands: [left] };
  if (take(reader, 'notnull')) return { kind: 'operation', operator: 'is not null', operands: [left] };
  const start = reader.at;
  const not = take(reader, 'not') ? 'not ' : '';
  if (take(reader, 'in')) {
    return { kind: 'operation', operator: `${not}in`, operands: [left, readPrimary(reader, readExpression)] };
  }
  if (take(reader, 'between')) {
    const from = readExpression(reader, 5);
    take(reader, 'and');
    const to = readExpression(reader, 5);
    return { kind: 'operation', operator: `${not}between`, operands: [left, from, to] };
  }
  const match = MATCHES.find((words) => {
    const [first = '', ...more] = words.split(' ');
    return take(reader, first, ...more);
  });
  if (match !== undefined) {
    if (sees(reader, 'any') || sees(reader, 'all')) next(reader);
    const pattern = readExpression(reader, COMPARISON);
    if (take(reader, 'escape')) next(reader);
    return { kind: 'operation', operator: `${not}${match}`, operands: [left, pattern] };
  }
  reader.at = start;
  return undefined;
}

function readIs(reader: Reader, left: Expression): Expression {
  next(reader);
  const not = take(reader, 'not') ? 'not ' : '';
  if (take(reader, 'distinct', 'from')) {
    const right = readExpression(reader, COMPARISON);
    return { kind: 'operation', operator: not === '' ? '<>' : '=', operands: [left, right] };
  }
  return { kind: 'operation', operator: `is ${not}${next(reader).value}`, operands: [left] };
}
