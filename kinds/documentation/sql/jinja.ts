import { jinjaExpression, refName } from './jinja-expression.ts';
import { type JinjaValue, lookUpValue, parseLiteral } from './jinja-values.ts';

/** SQL without its template, and what the template said. */
export interface PlainSql {
  sql: string;
  /** The SQL inside `{% if is_incremental() %}`, which only applies when the table already exists. */
  incremental: string[];
  /** Parts that only dbt can fill in, for people; the SQL holds a placeholder, or nothing, at their place. */
  unfilled: string[];
}

/** A loop may be written out this many times in all, and the text may grow to this length. */
const MAX_ROUNDS = 2_000;
const MAX_LENGTH = 400_000;
const MAX_DEPTH = 30;

interface Piece {
  kind: 'text' | 'expression' | 'statement';
  text: string;
}

interface Frame {
  pieces: Piece[];
  at: number;
  rounds: number;
  length: number;
  depth: number;
  result: PlainSql;
}

/** True where the text holds a template that must be filled in or taken away before it is SQL. */
export function hasJinja(code: string): boolean {
  return code.includes('{{') || code.includes('{%') || code.includes('{#');
}

/**
 * Takes the template away: `ref` and `source` become the name, `config` goes, loops over lists that are
 * written down are unrolled, of other conditions the first branch is taken, macros stay as calls. Never
 * throws.
 */
export function stripJinja(code: string): PlainSql {
  const result: PlainSql = { sql: '', incremental: [], unfilled: [] };
  const frame: Frame = { pieces: cut(code), at: 0, rounds: 0, length: 0, depth: 0, result };
  result.sql = runBlock(frame, new Map(), []).text;
  return result;
}

/** Text, `{{ … }}` and `{% … %}` in order, without comments; `-` takes the space beside it away. */
function cut(code: string): Piece[] {
  const pieces: Piece[] = [];
  const source = code.slice(0, MAX_LENGTH).replace(/\{#[\s\S]*?#\}/g, '');
  const pattern = /\{\{-?([\s\S]*?)-?\}\}|\{%-?([\s\S]*?)-?%\}/g;
  let from = 0;
  for (const found of source.matchAll(pattern)) {
    if (found.index > from) pieces.push({ kind: 'text', text: source.slice(from, found.index) });
    if (found[1] === undefined) pieces.push({ kind: 'statement', text: (found[2] ?? '').trim() });
    else pieces.push({ kind: 'expression', text: found[1].trim() });
    from = found.index + found[0].length;
  }
  pieces.push({ kind: 'text', text: source.slice(from) });
  return pieces;
}

type Scope = Map<string, JinjaValue>;

/** Runs up to a statement that starts with one of the words, and returns the text and that statement. */
function runBlock(frame: Frame, scope: Scope, until: string[]): { text: string; end: string } {
  const parts: string[] = [];
  while (frame.at < frame.pieces.length && frame.length < MAX_LENGTH) {
    const piece = frame.pieces[frame.at] as Piece;
    frame.at += 1;
    if (piece.kind === 'statement') {
      const word = /^\w+/.exec(piece.text)?.[0] ?? '';
      if (until.includes(word)) return { text: parts.join(''), end: piece.text };
      parts.push(runStatement(frame, scope, piece.text, word));
    } else {
      const text = piece.kind === 'text' ? piece.text : fillIn(frame, scope, piece.text);
      frame.length += text.length;
      parts.push(text);
    }
  }
  return { text: parts.join(''), end: '' };
}

function fillIn(frame: Frame, scope: Scope, text: string): string {
  const value = lookUpValue(text, scope);
  if (typeof value === 'string') return value;
  const filled = jinjaExpression(text, scope);
  if (filled.unfilled !== undefined && frame.result.unfilled.length < 50)
    frame.result.unfilled.push(filled.unfilled);
  return filled.sql;
}

function runStatement(frame: Frame, scope: Scope, text: string, word: string): string {
  if (frame.depth > MAX_DEPTH) return '';
  frame.depth += 1;
  try {
    if (word === 'set') return runSet(frame, scope, text);
    if (word === 'if') return runIf(frame, scope, text);
    if (word === 'for') return runFor(frame, scope, text);
    if (['macro', 'call', 'docs', 'filter', 'materialization', 'test'].includes(word)) {
      runBlock(frame, scope, [`end${word}`]);
    }
    return '';
  } finally {
    frame.depth -= 1;
  }
}

function runSet(frame: Frame, scope: Scope, text: string): string {
  const assigned = /^set\s+(\w+)\s*=\s*([\s\S]+)$/.exec(text);
  if (assigned?.[1] === undefined || assigned[2] === undefined) {
    const name = /^set\s+(\w+)\s*$/.exec(text)?.[1];
    if (name !== undefined) scope.set(name, runBlock(frame, scope, ['endset']).text);
    return '';
  }
  const value = parseLiteral(assigned[2]) ?? refName(assigned[2]) ?? lookUpValue(assigned[2], scope);
  if (value === undefined) scope.delete(assigned[1]);
  else scope.set(assigned[1], value);
  return '';
}

/** True, false, or undefined where only dbt knows. */
function truthOf(condition: string, scope: Scope): boolean | undefined {
  const not = /^not\s+([\s\S]+)$/.exec(condition.trim());
  if (not?.[1] !== undefined) {
    const inner = truthOf(not[1], scope);
    return inner === undefined ? undefined : !inner;
  }
  if (condition.trim() === 'execute') return true;
  const compared = /^([\w.]+)\s*(==|!=)\s*(.+)$/.exec(condition.trim());
  if (compared?.[1] !== undefined && compared[3] !== undefined) {
    const [left, right] = [lookUpValue(compared[1], scope), lookUpValue(compared[3], scope)];
    if (left === undefined || right === undefined) return undefined;
    return (left === right) === (compared[2] === '==');
  }
  const value = lookUpValue(condition, scope);
  if (value === undefined) return undefined;
  return !['', 'false', 'False', 'none', 'None', '0'].includes(value as string);
}

function runIf(frame: Frame, scope: Scope, text: string): string {
  let condition = text.replace(/^if\s+/, '');
  let chosen: string | undefined;
  for (;;) {
    const incremental = /^\s*is_incremental\(\)/.test(condition);
    const truth =
      condition === 'else' ? true : incremental ? false : truthOf(notIncremental(condition), scope);
    const { length } = frame.result.unfilled;
    const { text: body, end } = runBlock(frame, scope, ['elif', 'else', 'endif']);
    if (incremental && body.trim() !== '') frame.result.incremental.push(body.trim());
    if (chosen === undefined && truth !== false) chosen = body;
    else frame.result.unfilled.length = length;
    if (truth === undefined && end !== '') noteCondition(frame, condition);
    if (!end.startsWith('el')) return chosen ?? '';
    condition = end === 'else' ? 'else' : end.replace(/^elif\s+/, '');
  }
}

const notIncremental = (condition: string): string =>
  /^\s*not\s+is_incremental\(\)\s*$/.test(condition) ? 'True' : condition;

function noteCondition(frame: Frame, condition: string): void {
  if (frame.result.unfilled.length < 50)
    frame.result.unfilled.push(`a part that depends on \`${condition.slice(0, 80)}\``);
}

function runFor(frame: Frame, scope: Scope, text: string): string {
  const loop = /^for\s+([\w\s,]+?)\s+in\s+([\s\S]+)$/.exec(text);
  const names = (loop?.[1] ?? '').split(',').map((name) => name.trim());
  const source = (loop?.[2] ?? '').trim();
  const rows = rowsOf(lookUpValue(source.replace(/\.(items|keys|values)\(\)$/, ''), scope), source);
  const start = frame.at;
  const parts: string[] = [];
  for (const [index, row] of (rows ?? []).entries()) {
    frame.rounds += 1;
    if (frame.rounds > MAX_ROUNDS || frame.length >= MAX_LENGTH) break;
    frame.at = start;
    const inner: Scope = new Map(scope);
    const values = names.length > 1 && Array.isArray(row) ? row : [row];
    names.forEach((name, position) => {
      const value = values[position];
      if (value !== undefined) inner.set(name, value);
    });
    inner.set('loop', loopValues(index, rows?.length ?? 0));
    parts.push(runBlock(frame, inner, ['endfor', 'else']).text);
  }
  if (parts.length > 0) return parts.join('');
  const { length } = frame.result.unfilled;
  runBlock(frame, scope, ['endfor']);
  frame.result.unfilled.length = length;
  if (rows === undefined) frame.result.unfilled.push(`a loop over \`${source.slice(0, 80)}\``);
  return '';
}

function rowsOf(value: JinjaValue | undefined, source: string): JinjaValue[] | undefined {
  if (Array.isArray(value)) return value;
  if (value === undefined || typeof value === 'string') return undefined;
  if (source.endsWith('.items()')) return Object.entries(value);
  return source.endsWith('.values()') ? Object.values(value) : Object.keys(value);
}

function loopValues(index: number, length: number): JinjaValue {
  return {
    first: index === 0 ? 'True' : 'False',
    last: index === length - 1 ? 'True' : 'False',
    index: String(index + 1),
    index0: String(index),
    length: String(length),
  };
}
