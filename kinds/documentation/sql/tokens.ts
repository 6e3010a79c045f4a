/** Cuts SQL into tokens. Never throws: what is not closed ends at the end of the text. */

export interface Token {
  kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol' | 'end';
  /** Lower-case for words, the inner text for quoted names and strings, as written for the rest. */
  value: string;
  /** As written. */
  text: string;
  /** A comment that stands right before the token, if there is one. */
  comment?: string;
}

/** Where `"x"` is a string and `#` starts a comment. */
const DOUBLE_QUOTED_STRINGS = new Set(['bigquery', 'spark', 'databricks', 'hive', 'mysql', 'mariadb']);
const BACKSLASH_ESCAPES = new Set([...DOUBLE_QUOTED_STRINGS, 'snowflake', 'clickhouse']);
const BRACKET_NAMES = new Set(['sqlserver', 'fabric', 'synapse', 'sqlite']);

const SYMBOLS = ['->>', '<=>', '!~*', '::', '||', '<=', '>=', '<>', '!=', '=>', '->', '#>', '==', '~*', '!~'];
const WORD = /[\p{L}_][\p{L}\p{N}_$]*/uy;
const NUMBER = /(\d[\d_]*\.?\d*|\.\d+)([eE][+-]?\d+)?/y;
const SPACE = /\s+/y;
const LINE_COMMENT = /--[^\n]*/y;
const HASH_COMMENT = /#[^\n]*/y;

interface Cursor {
  sql: string;
  at: number;
  adapterType: string;
  comment: string;
}

/** All tokens of a statement; the last one is of kind `end`. */
export function tokenize(sql: string, adapterType: string): Token[] {
  const cursor: Cursor = { sql, at: 0, adapterType, comment: '' };
  const tokens: Token[] = [];
  while (cursor.at < sql.length) {
    if (skipSpaceOrComment(cursor)) continue;
    const token = readToken(cursor);
    if (cursor.comment !== '') {
      token.comment = cursor.comment;
      cursor.comment = '';
    }
    tokens.push(token);
  }
  tokens.push({ kind: 'end', value: '', text: '' });
  return tokens;
}

function match(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.sql)?.[0];
  if (found !== undefined) cursor.at += found.length;
  return found;
}

function skipSpaceOrComment(cursor: Cursor): boolean {
  if (match(cursor, SPACE) !== undefined) return true;
  const comment = match(cursor, LINE_COMMENT) ?? blockComment(cursor) ?? hashComment(cursor);
  if (comment === undefined) return false;
  const words = comment.replace(/^[-#/*\s]+|[-*/\s]+$/g, '').replace(/\s+/g, ' ');
  if (words !== '') cursor.comment = cursor.comment === '' ? words : `${cursor.comment} ${words}`;
  return true;
}

function hashComment(cursor: Cursor): string | undefined {
  return DOUBLE_QUOTED_STRINGS.has(cursor.adapterType) ? match(cursor, HASH_COMMENT) : undefined;
}

function blockComment(cursor: Cursor): string | undefined {
  if (!cursor.sql.startsWith('/*', cursor.at)) return undefined;
  const close = cursor.sql.indexOf('*/', cursor.at + 2);
  const end = close === -1 ? cursor.sql.length : close + 2;
  const comment = cursor.sql.slice(cursor.at, end);
  cursor.at = end;
  return comment;
}

function readToken(cursor: Cursor): Token {
  const first = cursor.sql[cursor.at] ?? '';
  if (first === "'") return quoted(cursor, "'", 'string');
  if (first === '"') {
    return quoted(cursor, '"', DOUBLE_QUOTED_STRINGS.has(cursor.adapterType) ? 'string' : 'quoted');
  }
  if (first === '`') return quoted(cursor, '`', 'quoted');
  if (first === '[' && BRACKET_NAMES.has(cursor.adapterType)) return quoted(cursor, ']', 'quoted');
  if (cursor.sql.startsWith('$$', cursor.at)) return dollarString(cursor);
  const number = match(cursor, NUMBER);
  if (number !== undefined) return { kind: 'number', value: number, text: number };
  const word = match(cursor, WORD);
  if (word !== undefined) return { kind: 'word', value: word.toLowerCase(), text: word };
  const symbol = SYMBOLS.find((candidate) => cursor.sql.startsWith(candidate, cursor.at)) ?? first;
  cursor.at += symbol.length;
  return { kind: 'symbol', value: symbol, text: symbol };
}

function quoted(cursor: Cursor, close: string, kind: 'string' | 'quoted'): Token {
  const start = cursor.at;
  const backslash = kind === 'string' && BACKSLASH_ESCAPES.has(cursor.adapterType);
  let at = start + 1;
  while (at < cursor.sql.length) {
    if (backslash && cursor.sql[at] === '\\') at += 2;
    else if (cursor.sql[at] !== close) at += 1;
    else if (cursor.sql[at + 1] === close) at += 2;
    else break;
  }
  cursor.at = Math.min(at + 1, cursor.sql.length);
  const value = cursor.sql.slice(start + 1, Math.min(at, cursor.sql.length)).replaceAll(close + close, close);
  return { kind, value, text: cursor.sql.slice(start, cursor.at) };
}

function dollarString(cursor: Cursor): Token {
  const start = cursor.at;
  const close = cursor.sql.indexOf('$$', start + 2);
  const end = close === -1 ? cursor.sql.length : close;
  cursor.at = Math.min(end + 2, cursor.sql.length);
  return {
    kind: 'string',
    value: cursor.sql.slice(start + 2, end),
    text: cursor.sql.slice(start, cursor.at),
  };
}
