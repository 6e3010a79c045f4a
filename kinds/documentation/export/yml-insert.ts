import { type CST, isNode, isScalar, isSeq, type Pair, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import {
  columnOfKeys,
  columnsOfList,
  type Edit,
  isFlowMap,
  isRefusal,
  isSpacedList,
  itemEnd,
  lineEndAfter,
  pairOf,
  type Refusal,
  tokenEnd,
  UNUSUAL,
} from './yml-places.ts';
import { blockScalar, nameScalar, quoted } from './yml-scalar.ts';

/**
 * How a file is written: `offset` of a list's dash from its key's column, `gap` from the dash to the content.
 */
export interface YmlStyle {
  text: string;
  eol: string;
  offset: number;
  gap: number;
}

export interface ColumnText {
  name: string;
  description: string;
}

/** The edit that gives a map without a `description` one, right behind its name. */
export function addDescription(map: YAMLMap, description: string, style: YmlStyle): Edit | Refusal {
  const name = pairOf(map, 'name');
  if (name?.srcToken === undefined) return { reason: 'its name could not be found in the yml' };
  const end = itemEnd(name.srcToken);
  if (end === undefined || isRefusal(end)) return end ?? UNUSUAL;
  if (isFlowMap(map)) return insertion(end, `, description: ${quoted(description)}`);
  const column = columnOfKeys(style.text, map);
  if (isRefusal(column)) return column;
  const at = lineEndAfter(style.text, end);
  if (isRefusal(at)) return at;
  const scalar = scalarAt(description, column + 2, at, style);
  return insertion(at, `${style.eol}${' '.repeat(column)}description: ${scalar}`);
}

/** The edit that fills a `description` that stands there empty. */
export function fillDescription(
  pair: Pair,
  map: YAMLMap,
  description: string,
  style: YmlStyle,
): Edit | Refusal {
  const value = pair.value;
  if (isNode(value) && (value.tag !== undefined || ('anchor' in value && value.anchor !== undefined))) {
    return { reason: 'its empty description carries a tag or an anchor' };
  }
  if (!isScalar(value)) return UNUSUAL;
  const written = emptyText(value.srcToken);
  if (written !== undefined) {
    return { at: written.offset, remove: written.source.length, insert: quoted(description) };
  }
  const colon = pair.srcToken?.sep?.find((part) => part.type === 'map-value-ind');
  if (colon === undefined || isExplicit(pair)) return UNUSUAL;
  const column = isFlowMap(map) ? undefined : columnOfKeys(style.text, map);
  if (isRefusal(column)) return column;
  const at = colon.offset + 1;
  const scalar = column === undefined ? quoted(description) : scalarAt(description, column + 2, at, style);
  return insertion(at, ` ${scalar}`);
}

/** The edit that appends columns to the list that a model has, or gives it one. */
export function addColumns(map: YAMLMap, columns: ColumnText[], style: YmlStyle): Edit | Refusal {
  const pair = pairOf(map, 'columns');
  if (pair === undefined)
    return isFlowMap(map) ? flowColumnsKey(map, columns) : columnsKey(map, columns, style);
  if (isSeq(pair.value)) {
    return pair.value.srcToken?.type === 'flow-collection'
      ? appendToFlow(pair.value, columns)
      : appendToBlock(pair.value, columns, style);
  }
  return isImplicitNull(pair) ? firstColumns(map, pair, columns, style) : UNUSUAL;
}

function insertion(at: number, insert: string): Edit {
  return { at, remove: 0, insert };
}

/**
 * What stands in the file for an empty value: `""`, `~`, the `>` of a block; undefined where nothing does.
 */
function emptyText(token: CST.Token | undefined): { offset: number; source: string } | undefined {
  if (token?.type === 'block-scalar') {
    const header = token.props.find((part) => part.type === 'block-scalar-header');
    return header?.type === 'block-scalar-header' ? header : undefined;
  }
  return token !== undefined && 'source' in token && token.source !== '' ? token : undefined;
}

/** A literal block would swallow what follows on its line, and a comment below it. */
function scalarAt(description: string, indent: number, at: number, style: YmlStyle): string {
  const rest = /^(?:\r?\n[ \t\r\n]*)?/.exec(style.text.slice(at))?.[0] ?? '';
  const next = style.text[at + rest.length];
  const isFree = next === undefined || (rest !== '' && next !== '#');
  return isFree ? blockScalar(description, indent, style.eol) : quoted(description);
}

function isExplicit(pair: Pair): boolean {
  return pair.srcToken?.start.some((part) => part.type === 'explicit-key-ind') ?? false;
}

function isImplicitNull(pair: Pair): boolean {
  const value = pair.value;
  if (isExplicit(pair) || (value !== null && !isScalar(value))) return false;
  const scalar = value as Scalar | null;
  return (
    scalar === null ||
    (scalar.value === null && scalar.srcToken === undefined && !scalar.tag && !scalar.anchor)
  );
}

function appendToBlock(list: YAMLSeq, columns: ColumnText[], style: YmlStyle): Edit | Refusal {
  const place = columnsOfList(style.text, list);
  if (isRefusal(place)) return place;
  const end = tokenEnd(list.srcToken);
  if (isRefusal(end)) return end;
  const at = lineEndAfter(style.text, end, place.content);
  if (isRefusal(at)) return at;
  const before = isSpacedList(style.text, list) ? style.eol : '';
  const lines = columns.map((column) => before + item(column, place.dash, place.content, at, style));
  return insertion(at, lines.join(''));
}

function columnsKey(map: YAMLMap, columns: ColumnText[], style: YmlStyle): Edit | Refusal {
  const column = columnOfKeys(style.text, map);
  if (isRefusal(column)) return column;
  const end = tokenEnd(map.srcToken);
  if (isRefusal(end)) return end;
  const at = lineEndAfter(style.text, end, column);
  if (isRefusal(at)) return at;
  return insertion(at, `${style.eol}${' '.repeat(column)}columns:${blockList(columns, column, at, style)}`);
}

function firstColumns(map: YAMLMap, pair: Pair, columns: ColumnText[], style: YmlStyle): Edit | Refusal {
  const colon = pair.srcToken?.sep?.find((part) => part.type === 'map-value-ind');
  if (colon === undefined) return UNUSUAL;
  if (isFlowMap(map)) return insertion(colon.offset + 1, ` [${columns.map(flowItem).join(', ')}]`);
  const column = columnOfKeys(style.text, map);
  if (isRefusal(column)) return column;
  const at = lineEndAfter(style.text, colon.offset + 1);
  return isRefusal(at) ? at : insertion(at, blockList(columns, column, at, style));
}

function flowColumnsKey(map: YAMLMap, columns: ColumnText[]): Edit | Refusal {
  const token = pairOf(map, 'name')?.srcToken;
  const end = token === undefined ? undefined : itemEnd(token);
  if (end === undefined || isRefusal(end)) return end ?? UNUSUAL;
  return insertion(end, `, columns: [${columns.map(flowItem).join(', ')}]`);
}

function appendToFlow(list: YAMLSeq, columns: ColumnText[]): Edit | Refusal {
  const token = list.srcToken;
  if (token?.type !== 'flow-collection') return UNUSUAL;
  const text = columns.map(flowItem).join(', ');
  const last = [...token.items].reverse().find((each) => each.value || each.key);
  if (last === undefined) return insertion(token.start.offset + 1, text);
  const end = itemEnd(last);
  return end === undefined || isRefusal(end) ? (end ?? UNUSUAL) : insertion(end, `, ${text}`);
}

function blockList(columns: ColumnText[], keyColumn: number, at: number, style: YmlStyle): string {
  const dash = keyColumn + style.offset;
  return columns.map((column) => item(column, dash, dash + style.gap, at, style)).join('');
}

function item(column: ColumnText, dash: number, content: number, at: number, style: YmlStyle): string {
  const margin = ' '.repeat(content);
  const scalar = scalarAt(column.description, content + 2, at, style);
  const first = `${' '.repeat(dash)}-${' '.repeat(content - dash - 1)}name: ${nameScalar(column.name)}`;
  return `${style.eol}${first}${style.eol}${margin}description: ${scalar}`;
}

function flowItem(column: ColumnText): string {
  return `{name: ${nameScalar(column.name)}, description: ${quoted(column.description)}}`;
}
