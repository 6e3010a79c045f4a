import type { Expression, Query } from './syntax.ts';
import type { Token } from './tokens.ts';

/** Deeper than this, a part is kept as text instead of being read, so that no input exhausts the stack. */
const MAX_DEPTH = 80;

/** A place in the tokens of a statement, and what was not understood on the way. */
export interface Reader {
  tokens: Token[];
  at: number;
  depth: number;
  /** Pieces of SQL that were skipped, for people. */
  problems: string[];
  /**
   * Reads a query that starts here; part of the reader so that expressions and queries can hold each
   * other.
   */
  readQuery: (reader: Reader) => Query;
}

export function peek(reader: Reader, ahead = 0): Token {
  const index = Math.min(reader.at + ahead, reader.tokens.length - 1);
  return reader.tokens[index] as Token;
}

export function next(reader: Reader): Token {
  const token = peek(reader);
  if (token.kind !== 'end') reader.at += 1;
  return token;
}

/** True where these words or symbols come next, in this order. */
export function sees(reader: Reader, value: string, ...more: string[]): boolean {
  // Almost always the first is another one already: this is asked dozens of times for each token.
  if (!isAt(reader, 0, value)) return false;
  return more.every((following, index) => isAt(reader, index + 1, following));
}

function isAt(reader: Reader, ahead: number, value: string): boolean {
  const token = peek(reader, ahead);
  return token.value === value && (token.kind === 'word' || token.kind === 'symbol');
}

/** Takes the words or symbols if they come next. */
export function take(reader: Reader, value: string, ...more: string[]): boolean {
  if (!sees(reader, value, ...more)) return false;
  reader.at += 1 + more.length;
  return true;
}

export function seesWordOf(reader: Reader, words: ReadonlySet<string>): boolean {
  const token = peek(reader);
  return token.kind === 'word' && words.has(token.value);
}

export function seesName(reader: Reader): boolean {
  const kind = peek(reader).kind;
  return kind === 'word' || kind === 'quoted';
}

/**
 * Moves to the first token, outside brackets opened on the way, at which `stop` says so; returns what was
 * passed.
 */
export function skipTo(reader: Reader, stop: (reader: Reader) => boolean): Token[] {
  const start = reader.at;
  let open = 0;
  while (peek(reader).kind !== 'end') {
    if (open === 0 && stop(reader)) break;
    if (sees(reader, '(') || sees(reader, '[') || sees(reader, '{')) open += 1;
    if (sees(reader, ')') || sees(reader, ']') || sees(reader, '}')) {
      if (open === 0) break;
      open -= 1;
    }
    reader.at += 1;
  }
  return reader.tokens.slice(start, reader.at);
}

/** Runs `read` one level deeper; at the bottom the piece is skipped and kept as text. */
export function deeper<Result>(reader: Reader, read: () => Result, tooDeep: () => Result): Result {
  if (reader.depth >= MAX_DEPTH) return tooDeep();
  reader.depth += 1;
  try {
    return read();
  } finally {
    reader.depth -= 1;
  }
}

const NO_SPACE_BEFORE = new Set([')', ',', '.', ']', '::', '(', '[', ':']);
const NO_SPACE_AFTER = new Set(['(', '.', '[', '::', ':']);

/** Tokens as one line of text. */
export function textOf(tokens: Token[]): string {
  let text = '';
  for (const [index, token] of tokens.entries()) {
    const before = tokens[index - 1];
    const glued = before === undefined || NO_SPACE_AFTER.has(before.text) || NO_SPACE_BEFORE.has(token.text);
    text += `${glued ? '' : ' '}${token.kind === 'string' ? token.text.replace(/\s+/g, ' ') : token.text}`;
  }
  return text;
}

const NOT_A_COLUMN = new Set(
  `and or not in is null as on by over partition order within group asc desc nulls first last from for
  case when then else end interval true false distinct rows range between unbounded preceding
  following current row select where join left right inner outer full cross lateral`.split(/\s+/),
);

/** A piece that is not understood: its text, and the names in it that are no keywords and no functions. */
export function unknownPiece(tokens: Token[]): Expression {
  const inner: Expression[] = [];
  for (const [index, token] of tokens.entries()) {
    const isName = token.kind === 'quoted' || (token.kind === 'word' && !NOT_A_COLUMN.has(token.value));
    const following = tokens[index + 1]?.value;
    if (!isName || following === '(' || following === '.' || following === '=>') continue;
    const qualified = tokens[index - 1]?.value === '.' ? tokens[index - 2]?.value : undefined;
    const name = token.kind === 'quoted' ? token.value : token.text;
    inner.push({ kind: 'column', name, ...(qualified === undefined ? {} : { table: qualified }) });
  }
  return { kind: 'other', text: textOf(tokens), inner };
}
