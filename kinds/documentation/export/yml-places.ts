import { type CST, isScalar, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';

/** One splice: `remove` characters at offset `at` give way to `insert`. */
export interface Edit {
  at: number;
  remove: number;
  insert: string;
}

/** Why a place cannot be changed safely, for people. */
export interface Refusal {
  reason: string;
}

export const UNUSUAL: Refusal = {
  reason: 'the place in the yml is written in a way that cannot be extended safely',
};

const OPEN_END: Refusal = {
  reason: 'the yml ends in a block of text without a line end, and a line after it would change that text',
};

export function isRefusal(place: unknown): place is Refusal {
  return typeof place === 'object' && place !== null && 'reason' in place;
}

/** Applies edits to a text; those at one offset keep the order in which they were made. */
export function applyEdits(text: string, edits: Edit[]): string {
  const ordered = [...edits].sort((a, b) => a.at - b.at);
  const parts: string[] = [];
  let done = 0;
  for (const edit of ordered) {
    parts.push(text.slice(done, edit.at), edit.insert);
    done = edit.at + edit.remove;
  }
  parts.push(text.slice(done));
  return parts.join('');
}

/** The pair of a key, found by the key's text. */
export function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}

/** True where the map is written as `{…}`; a bare pair inside `[…]` is not. */
export function isFlowMap(map: YAMLMap): boolean {
  return map.srcToken?.type === 'flow-collection' && map.srcToken.start.source === '{';
}

/** The column at which the keys of a block map stand, or a refusal where that cannot be said. */
export function columnOfKeys(text: string, map: YAMLMap): number | Refusal {
  const token = map.srcToken;
  if (token?.type !== 'block-map' || !isPlainMargin(text, token.offset)) return UNUSUAL;
  return token.indent;
}

/** Column of the last dash of a block list, and of what follows it. */
export function columnsOfList(text: string, list: YAMLSeq): { dash: number; content: number } | Refusal {
  const token = list.srcToken;
  if (token?.type !== 'block-seq') return UNUSUAL;
  for (const item of [...token.items].reverse()) {
    const dash = item.start.find((part) => part.type === 'seq-item-ind');
    if (dash === undefined) continue;
    if (!isPlainMargin(text, dash.offset)) return UNUSUAL;
    const column = dash.offset - lineStart(text, dash.offset);
    const content = item.value?.type === 'block-map' ? item.value.indent : column + 2;
    return { dash: column, content: content > column + 1 ? content : column + 2 };
  }
  return UNUSUAL;
}

/** True where blank lines stand between the items of a list, so that a new one gets a blank line too. */
export function isSpacedList(text: string, list: YAMLSeq): boolean {
  const token = list.srcToken;
  if (token?.type !== 'block-seq') return false;
  const dash = token.items.at(-1)?.start.find((part) => part.type === 'seq-item-ind');
  if (token.items.length < 2 || dash === undefined) return false;
  return /\n[ \t]*\r?\n[ \t]*$/.test(text.slice(Math.max(0, dash.offset - 200), dash.offset));
}

/**
 * Offset of the end of the line on which a value ends, before its line break: where new lines go in.
 * `minColumn`: comment lines that follow directly and stand at least that far to the right belong to the
 * value.
 */
export function lineEndAfter(text: string, end: number, minColumn?: number): number | Refusal {
  const stop = lineEnd(text, end);
  if (!/^[ \t]*(#.*)?$/.test(text.slice(end, stop))) return UNUSUAL;
  return minColumn === undefined ? stop : afterComments(text, stop, minColumn);
}

function afterComments(text: string, stop: number, minColumn: number): number {
  let at = stop;
  for (;;) {
    const next = text.indexOf('\n', at) + 1;
    const comment = next === 0 ? null : /^ *(?=#)/.exec(text.slice(next, lineEnd(text, next)));
    if (comment === null || comment[0].length < minColumn) return at;
    at = lineEnd(text, next);
  }
}

/** Offset behind the last character of a value, comments and line breaks left out. */
export function tokenEnd(token: CST.Token | null | undefined): number | Refusal {
  if (!token) return UNUSUAL;
  if (token.type === 'block-scalar') return blockTextEnd(token);
  if (token.type === 'flow-collection') return flowEnd(token);
  if (token.type === 'block-map' || token.type === 'block-seq') {
    for (const item of [...token.items].reverse()) {
      const end = itemEnd(item);
      if (end !== undefined) return end;
    }
    return UNUSUAL;
  }
  return 'source' in token ? token.offset + token.source.length : UNUSUAL;
}

/** End of a pair or of a list's item; undefined where it holds comments only. */
export function itemEnd(item: CST.CollectionItem): number | Refusal | undefined {
  if (item.value) return tokenEnd(item.value);
  const mark = [...item.start, ...(item.sep ?? [])].reverse().find(isMark);
  if (mark !== undefined && (item.sep?.includes(mark) || !item.key)) return mark.offset + mark.source.length;
  return item.key ? tokenEnd(item.key) : undefined;
}

function isMark(part: CST.SourceToken): boolean {
  return !['space', 'comment', 'newline', 'comma'].includes(part.type);
}

/** At the end of a file without a last line break the text would grow by one when lines follow: refused. */
function blockTextEnd(token: CST.BlockScalar): number | Refusal {
  const header = token.props.find((part) => part.type === 'block-scalar-header');
  const last = token.props.at(-1);
  if (header?.type !== 'block-scalar-header' || last === undefined || !('source' in last)) return UNUSUAL;
  const keepsBlankLines = header.source.includes('+');
  const body = keepsBlankLines ? token.source.replace(/\r?\n$/, '') : token.source.trimEnd();
  if (body === '') return header.offset + header.source.length;
  if (!header.source.includes('-') && !token.source.includes('\n', body.length)) return OPEN_END;
  return last.offset + last.source.length + body.length;
}

function flowEnd(token: CST.FlowCollection): number | Refusal {
  const end = token.end.find((part) => part.type === 'flow-map-end' || part.type === 'flow-seq-end');
  return end === undefined ? UNUSUAL : end.offset + 1;
}

/**
 * Only spaces, dashes and the like stand before the offset in its line: no tabs, and nothing of other nodes.
 */
function isPlainMargin(text: string, offset: number): boolean {
  return /^[ -]*(&\S+ +)?$/.test(text.slice(lineStart(text, offset), offset));
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/**
 * Offset of the line break (or of the end of the text) at or behind an offset; `\r\n` counts as one break.
 */
function lineEnd(text: string, offset: number): number {
  const newline = text.indexOf('\n', offset);
  if (newline === -1) return text.length;
  return newline > offset && text[newline - 1] === '\r' ? newline - 1 : newline;
}
