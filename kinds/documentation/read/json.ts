import { badFile } from './text-file.ts';

/**
 * Parses JSON.
 * @throws AppError `invalid_input` with line and column of the first thing that is wrong
 */
export function parseJson(text: string, shown: string): unknown {
  if (text.trim() === '') throw badFile(shown, 'is empty');
  try {
    return JSON.parse(text);
  } catch (error) {
    const fault = findFault(text);
    if (fault === undefined) throw badFile(shown, `is not valid JSON: ${(error as Error).message}`);
    const { line, column } = lineAndColumn(text, fault.at);
    throw badFile(shown, `is not valid JSON: ${fault.problem} at line ${line}, column ${column}`);
  }
}

/** Line and column, counted from 1, of an offset. */
function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  let line = 1;
  let start = 0;
  for (let next = text.indexOf('\n'); next !== -1 && next < offset; next = text.indexOf('\n', start)) {
    line++;
    start = next + 1;
  }
  return { line, column: offset - start + 1 };
}

const SPACE = /[ \t\r\n]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them in texts.
const STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

type Expecting = 'value' | 'value or ]' | 'name or }' | 'name' | 'colon' | 'comma or end';

/**
 * The first place where a text stops being JSON. JSON.parse gives a position for some mistakes only, and no
 * line for any. Depth is a list of its own, so that nesting cannot overflow the stack.
 */
function findFault(text: string): { at: number; problem: string } | undefined {
  const open: string[] = [];
  let expecting: Expecting = 'value';
  let at = 0;
  for (;;) {
    at = skip(SPACE, text, at) ?? at;
    if (at >= text.length) {
      if (open.length === 0 && expecting === 'comma or end') return undefined;
      return { at, problem: 'the file ends in the middle (was it cut off?)' };
    }
    const next = accept(text, at, expecting, open);
    if (next === undefined) return { at, problem: describeFault(text, at, expecting) };
    ({ at, expecting } = next);
  }
}

/** Takes one token where it is allowed; keeps `open`, the closing brackets still due, up to date. */
function accept(
  text: string,
  at: number,
  expecting: Expecting,
  open: string[],
): { at: number; expecting: Expecting } | undefined {
  const character = text[at];
  if (expecting === 'colon') return character === ':' ? { at: at + 1, expecting: 'value' } : undefined;
  if (expecting === 'comma or end') {
    if (character === ',' && open.length > 0) {
      return { at: at + 1, expecting: open.at(-1) === '}' ? 'name' : 'value' };
    }
    return close(character, at, open);
  }
  if (expecting === 'name or }' && character === '}') return close(character, at, open);
  if (expecting === 'name' || expecting === 'name or }') {
    const end = skip(STRING, text, at);
    return end === undefined ? undefined : { at: end, expecting: 'colon' };
  }
  if (expecting === 'value or ]' && character === ']') return close(character, at, open);
  if (character === '{' || character === '[') {
    open.push(character === '{' ? '}' : ']');
    return { at: at + 1, expecting: character === '{' ? 'name or }' : 'value or ]' };
  }
  const end = skip(STRING, text, at) ?? skip(SCALAR, text, at);
  return end === undefined ? undefined : { at: end, expecting: 'comma or end' };
}

function close(character: string | undefined, at: number, open: string[]) {
  if (open.length === 0 || character !== open.at(-1)) return undefined;
  open.pop();
  return { at: at + 1, expecting: 'comma or end' as const };
}

function skip(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

function describeFault(text: string, at: number, expecting: Expecting): string {
  const wanted = expecting === 'comma or end' ? 'a comma or a closing bracket' : expecting;
  if (text[at] === '"') return 'a text that does not end, or holds a forbidden character,';
  return `found ${JSON.stringify(text.slice(at, at + 12).split('\n')[0])} where ${wanted} was expected`;
}
