import { RESERVED } from './keywords.ts';
import { readCall, readOver } from './read-call.ts';
import { next, peek, type Reader, sees, seesName, skipTo, take, textOf, unknownPiece } from './reader.ts';
import type { Branch, Expression } from './syntax.ts';

export type ReadExpression = (reader: Reader, binding?: number) => Expression;

const CASTS = new Set(['cast', 'try_cast', 'safe_cast']);
const TYPED_LITERALS = new Set(['date', 'timestamp', 'datetime', 'time', 'timestamptz']);
const CONSTANTS = new Set([
  'current_date',
  'current_timestamp',
  'current_time',
  'localtimestamp',
  'getdate',
  'sysdate',
]);

/**
 * Reads a value: a literal, a column, a call, something in brackets, and what is attached to its end
 * (`::type`).
 */
export function readPrimary(reader: Reader, readExpression: ReadExpression): Expression {
  return readSuffixes(reader, readValue(reader, readExpression), readExpression);
}

function readValue(reader: Reader, readExpression: ReadExpression): Expression {
  const token = peek(reader);
  if (token.kind === 'number' || token.kind === 'string') {
    next(reader);
    const text = token.kind === 'string' ? `'${token.value.replace(/\s+/g, ' ')}'` : token.text;
    return { kind: 'literal', text, type: token.kind };
  }
  if (sees(reader, '(')) return readBrackets(reader, readExpression);
  if (sees(reader, '[')) return readArray(reader, readExpression);
  if (sees(reader, '{')) return bracketed(reader);
  if (take(reader, '*')) return { kind: 'star', except: readExcept(reader) };
  if (token.kind === 'word') {
    const special = readKeywordValue(reader, token.value, readExpression);
    if (special !== undefined) return special;
  }
  if (seesName(reader) && !(token.kind === 'word' && RESERVED.has(token.value) && !callFollows(reader))) {
    return readName(reader, readExpression);
  }
  // Nothing that can be a value: take one token, unless it ends the list or the bracket, so that reading
  // goes on.
  if (token.kind === 'end' || sees(reader, ',') || sees(reader, ')') || token.kind === 'word') {
    return { kind: 'other', text: '', inner: [] };
  }
  return { kind: 'other', text: next(reader).text, inner: [] };
}

function callFollows(reader: Reader): boolean {
  return peek(reader, 1).value === '(' && peek(reader, 1).kind === 'symbol';
}

function readKeywordValue(reader: Reader, word: string, read: ReadExpression): Expression | undefined {
  if (word === 'case') return readCase(reader, read);
  if (word === 'null' || word === 'true' || word === 'false') {
    next(reader);
    return { kind: 'literal', text: word, type: word === 'null' ? 'null' : 'boolean' };
  }
  if (word === 'interval' && !callFollows(reader)) return readInterval(reader);
  if (TYPED_LITERALS.has(word) && peek(reader, 1).kind === 'string') {
    next(reader);
    return { kind: 'literal', text: `${word} '${next(reader).value}'`, type: 'date' };
  }
  if (CONSTANTS.has(word) && !callFollows(reader)) {
    next(reader);
    return { kind: 'call', name: word, arguments: [], distinct: false };
  }
  if (CASTS.has(word) && callFollows(reader)) return readCast(reader, read);
  if (word === 'array' && peek(reader, 1).value === '[') {
    next(reader);
    return readArray(reader, read);
  }
  return undefined;
}

function readInterval(reader: Reader): Expression {
  next(reader);
  const amount = next(reader);
  const withUnit =
    peek(reader).kind === 'word' &&
    /^(second|minute|hour|day|week|month|quarter|year)s?$/.test(peek(reader).value);
  return {
    kind: 'literal',
    text: `interval ${amount.text}${withUnit ? ` ${next(reader).value}` : ''}`,
    type: 'interval',
  };
}

function readBrackets(reader: Reader, readExpression: ReadExpression): Expression {
  let ahead = 1;
  while (peek(reader, ahead).value === '(' && peek(reader, ahead).kind === 'symbol') ahead += 1;
  const first = peek(reader, ahead);
  if (first.kind === 'word' && (first.value === 'select' || (first.value === 'with' && ahead === 1))) {
    const start = reader.at;
    next(reader);
    const query = reader.readQuery(reader);
    if (take(reader, ')')) return { kind: 'query', query };
    reader.at = start;
    return bracketed(reader);
  }
  next(reader);
  const items = readList(reader, readExpression);
  take(reader, ')');
  return items.length === 1 && items[0] !== undefined ? items[0] : { kind: 'list', items };
}

function bracketed(reader: Reader): Expression {
  const start = reader.at;
  next(reader);
  skipTo(reader, () => false);
  next(reader);
  return unknownPiece(reader.tokens.slice(start, reader.at));
}

function readArray(reader: Reader, readExpression: ReadExpression): Expression {
  next(reader);
  const items = readList(reader, readExpression);
  take(reader, ']');
  return { kind: 'call', name: 'array', arguments: items, distinct: false };
}

/** Expressions between commas, up to a closing bracket; what is left over after one of them is passed. */
function readList(reader: Reader, readExpression: ReadExpression): Expression[] {
  const items: Expression[] = [];
  while (peek(reader).kind !== 'end' && !sees(reader, ')') && !sees(reader, ']')) {
    const start = reader.at;
    const item = readExpression(reader);
    const rest = skipTo(reader, (inner) => sees(inner, ','));
    items.push(rest.length === 0 ? item : unknownPiece(reader.tokens.slice(start, reader.at)));
    if (!take(reader, ',')) break;
  }
  return items;
}

function readCase(reader: Reader, readExpression: ReadExpression): Expression {
  next(reader);
  const operand = sees(reader, 'when') ? undefined : readExpression(reader);
  const branches: Branch[] = [];
  while (take(reader, 'when')) {
    const when = readExpression(reader);
    const then = take(reader, 'then') ? readExpression(reader) : unknownPiece([]);
    branches.push({ when, then });
  }
  const otherwise = take(reader, 'else') ? readExpression(reader) : undefined;
  take(reader, 'end');
  return {
    kind: 'case',
    branches,
    ...(operand === undefined ? {} : { operand }),
    ...(otherwise === undefined ? {} : { otherwise }),
  };
}

function readCast(reader: Reader, readExpression: ReadExpression): Expression {
  reader.at += 2;
  const value = readExpression(reader);
  take(reader, 'as');
  const type = textOf(skipTo(reader, () => false)).toLowerCase();
  take(reader, ')');
  return { kind: 'cast', value, type };
}

/** `a`, `a.b`, `schema.table.column`, `table.*`, `f(…)`. */
function readName(reader: Reader, readExpression: ReadExpression): Expression {
  const path = [nameOf(next(reader))];
  while (sees(reader, '.') && peek(reader, 1).kind !== 'end') {
    next(reader);
    if (take(reader, '*')) return { kind: 'star', table: path.at(-1) ?? '', except: readExcept(reader) };
    path.push(nameOf(next(reader)));
  }
  if (sees(reader, '(')) return readCall(reader, path.join('.').toLowerCase(), readExpression);
  const name = path.at(-1) ?? '';
  return { kind: 'column', name, ...(path.length > 1 ? { table: path.at(-2) ?? '' } : {}) };
}

function nameOf(token: { kind: string; value: string; text: string }): string {
  return token.kind === 'quoted' ? token.value : token.text;
}

/**
 * Names left out of a star: `except (a, b)`, `exclude a`; `replace` and `rename` keep the number of
 * columns.
 */
function readExcept(reader: Reader): string[] {
  const except: string[] = [];
  while (
    sees(reader, 'except', '(') ||
    sees(reader, 'exclude') ||
    sees(reader, 'replace') ||
    sees(reader, 'rename')
  ) {
    const leavesOut = next(reader).value.startsWith('ex');
    const tokens = take(reader, '(') ? skipTo(reader, () => false) : [next(reader)];
    take(reader, ')');
    if (leavesOut) for (const token of tokens) if (token.value !== ',') except.push(nameOf(token));
  }
  return except;
}

function readSuffixes(reader: Reader, value: Expression, readExpression: ReadExpression): Expression {
  let result = value;
  for (;;) {
    if (take(reader, '::')) result = { kind: 'cast', value: result, type: readTypeName(reader) };
    else if (sees(reader, '[')) {
      const index = readArray(reader, readExpression);
      result = { kind: 'operation', operator: '[]', operands: [result, index] };
    } else if (sees(reader, ':') && (peek(reader, 1).kind === 'word' || peek(reader, 1).kind === 'quoted')) {
      reader.at += 2;
      while (take(reader, '.')) next(reader);
      const key = peek(reader, -1);
      result = { kind: 'operation', operator: '->', operands: [result, literal(nameOf(key))] };
    } else if (take(reader, 'at', 'time', 'zone')) {
      const zone = readValue(reader, readExpression);
      result = { kind: 'call', name: 'at time zone', arguments: [result, zone], distinct: false };
    } else if (take(reader, 'collate')) next(reader);
    else if (result.kind === 'call' && sees(reader, 'over'))
      result = readOver(reader, result, readExpression);
    else return result;
  }
}

function literal(text: string): Expression {
  return { kind: 'literal', text: `'${text}'`, type: 'string' };
}

/** `numeric(38, 2)`, `double precision`, `timestamp with time zone`, `text[]`. */
function readTypeName(reader: Reader): string {
  const tokens = [next(reader)];
  const bracket = () => {
    tokens.push(next(reader), ...skipTo(reader, () => false), next(reader));
  };
  if (sees(reader, '(')) bracket();
  if (sees(reader, 'precision') || sees(reader, 'varying')) tokens.push(next(reader));
  if (sees(reader, 'with', 'time', 'zone') || sees(reader, 'without', 'time', 'zone')) {
    tokens.push(next(reader), next(reader), next(reader));
  }
  while (sees(reader, '[', ']')) tokens.push(next(reader), next(reader));
  return textOf(tokens).toLowerCase();
}
