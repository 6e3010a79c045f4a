/** What a template can hold: text, a list of texts, or rows of a list of objects or pairs. */
export type JinjaValue = string | JinjaValue[] | { [key: string]: JinjaValue };

const MAX_VALUE_LENGTH = 10_000;

/** Reads a literal: `'a'`, `10`, `['a', 'b']`, `{'k': 'v'}`, nested. Undefined where it is none. */
export function parseLiteral(text: string): JinjaValue | undefined {
  if (text.length > MAX_VALUE_LENGTH) return undefined;
  const cursor = { text: text.trim(), at: 0 };
  const value = readValue(cursor, 0);
  return value !== undefined && cursor.at === cursor.text.length ? value : undefined;
}

interface Cursor {
  text: string;
  at: number;
}

function readValue(cursor: Cursor, depth: number): JinjaValue | undefined {
  skipSpace(cursor);
  const first = cursor.text[cursor.at];
  if (depth > 20 || first === undefined) return undefined;
  if (first === "'" || first === '"') return readString(cursor, first);
  if (first === '[' || first === '(') return readList(cursor, first === '[' ? ']' : ')', depth);
  if (first === '{') return readObject(cursor, depth);
  const plain = /-?[\d.]+|true|false|none|True|False|None/y;
  plain.lastIndex = cursor.at;
  const found = plain.exec(cursor.text)?.[0];
  if (found !== undefined) cursor.at += found.length;
  skipSpace(cursor);
  return found;
}

function skipSpace(cursor: Cursor): void {
  while (/\s/.test(cursor.text[cursor.at] ?? '')) cursor.at += 1;
}

function readString(cursor: Cursor, quote: string): string | undefined {
  const close = cursor.text.indexOf(quote, cursor.at + 1);
  if (close === -1) return undefined;
  const value = cursor.text.slice(cursor.at + 1, close);
  cursor.at = close + 1;
  skipSpace(cursor);
  return value;
}

function readList(cursor: Cursor, close: string, depth: number): JinjaValue[] | undefined {
  cursor.at += 1;
  const values: JinjaValue[] = [];
  skipSpace(cursor);
  while (cursor.text[cursor.at] !== close) {
    const value = readValue(cursor, depth + 1);
    if (value === undefined || !passComma(cursor, close)) return undefined;
    values.push(value);
  }
  cursor.at += 1;
  skipSpace(cursor);
  return values;
}

function readObject(cursor: Cursor, depth: number): JinjaValue | undefined {
  cursor.at += 1;
  const values: [string, JinjaValue][] = [];
  skipSpace(cursor);
  while (cursor.text[cursor.at] !== '}') {
    const key = readValue(cursor, depth + 1);
    if (typeof key !== 'string' || cursor.text[cursor.at] !== ':') return undefined;
    cursor.at += 1;
    const value = readValue(cursor, depth + 1);
    if (value === undefined || !passComma(cursor, '}')) return undefined;
    values.push([key, value]);
  }
  cursor.at += 1;
  skipSpace(cursor);
  return Object.fromEntries(values);
}

function passComma(cursor: Cursor, close: string): boolean {
  skipSpace(cursor);
  if (cursor.text[cursor.at] !== ',') return cursor.text[cursor.at] === close;
  cursor.at += 1;
  skipSpace(cursor);
  return true;
}

/** A value by its path, e.g. `method.name`, `loop.index`, or a literal. */
export function lookUpValue(path: string, scope: ReadonlyMap<string, JinjaValue>): JinjaValue | undefined {
  const literal = parseLiteral(path);
  if (literal !== undefined) return literal;
  const parts = path
    .trim()
    .split(/\.|\[['"]|['"]\]\.?|\[|\]\.?/)
    .filter((part) => part !== '');
  let value: JinjaValue | undefined = scope.get(parts[0] ?? '');
  for (const part of parts.slice(1)) {
    if (value === undefined || typeof value === 'string') return undefined;
    value = Array.isArray(value) ? value[Number(part)] : Object.hasOwn(value, part) ? value[part] : undefined;
  }
  return value;
}
