import { CLAUSES, NOT_AN_ALIAS } from './keywords.ts';
import { readOrderBy } from './read-call.ts';
import { readExpression } from './read-expression.ts';
import { readFrom } from './read-relation.ts';
import {
  deeper,
  next,
  peek,
  type Reader,
  sees,
  seesName,
  seesWordOf,
  skipTo,
  take,
  textOf,
  unknownPiece,
} from './reader.ts';
import type { Expression, Query, Select, SelectItem } from './syntax.ts';

/** Pieces that were skipped are told about, at most this many. */
const MAX_PROBLEMS = 20;

/**
 * Reads `[with …] select … [union …] [order by …] [limit …]`; what is not understood is skipped and noted.
 */
export function readQuery(reader: Reader): Query {
  return deeper(
    reader,
    () => readWholeQuery(reader),
    () => {
      note(reader, 'a query that is nested too deep');
      skipTo(reader, () => false);
      return emptyQuery();
    },
  );
}

function emptyQuery(): Query {
  return { steps: [], selects: [], setOperators: [], orderBy: [] };
}

function note(reader: Reader, problem: string): void {
  if (reader.problems.length < MAX_PROBLEMS) reader.problems.push(problem.slice(0, 200));
}

function readWholeQuery(reader: Reader): Query {
  const query = emptyQuery();
  if (take(reader, 'with')) readSteps(reader, query);
  do {
    readBranch(reader, query);
  } while (takeSetOperator(reader, query));
  query.orderBy = readOrderBy(reader, readExpression);
  readLimit(reader, query);
  return query;
}

function readSteps(reader: Reader, query: Query): void {
  take(reader, 'recursive');
  do {
    // A comma may stand after the last step too.
    if (sees(reader, 'select') || !seesName(reader)) break;
    const token = next(reader);
    const name = token.kind === 'quoted' ? token.value : token.text;
    if (sees(reader, '(')) {
      next(reader);
      skipTo(reader, () => false);
      take(reader, ')');
    }
    take(reader, 'as');
    if (!take(reader, 'not', 'materialized')) take(reader, 'materialized');
    if (!take(reader, '(')) {
      note(reader, `the step ${name}`);
      break;
    }
    query.steps.push({ name, query: readQuery(reader) });
    closeBracket(reader, `step ${name}`);
  } while (take(reader, ','));
}

/** Passes whatever is left before a closing bracket, and the bracket. */
function closeBracket(reader: Reader, where: string): void {
  const rest = skipTo(reader, () => false);
  if (rest.length > 0) note(reader, `in ${where}: ${textOf(rest)}`);
  take(reader, ')');
}

function readBranch(reader: Reader, query: Query): void {
  if (take(reader, '(')) {
    const inner = readQuery(reader);
    closeBracket(reader, 'a part in brackets');
    query.steps.push(...inner.steps);
    query.selects.push(...inner.selects);
    query.setOperators.push(...inner.setOperators);
    return;
  }
  if (take(reader, 'select')) {
    query.selects.push(readSelect(reader));
    return;
  }
  const skipped = skipTo(reader, (inner) => sees(inner, 'select') || sees(inner, 'union'));
  if (skipped.length > 0) note(reader, textOf(skipped));
  if (take(reader, 'select')) query.selects.push(readSelect(reader));
}

function takeSetOperator(reader: Reader, query: Query): boolean {
  const words = ['union', 'intersect', 'except', 'minus'].find((word) => take(reader, word));
  if (words === undefined) return false;
  const all = take(reader, 'all') ? ' all' : '';
  take(reader, 'distinct');
  take(reader, 'by', 'name');
  query.setOperators.push(`${words}${all}`);
  return true;
}

function readLimit(reader: Reader, query: Query): void {
  if (take(reader, 'limit')) query.limit = next(reader).text;
  if (take(reader, 'offset')) next(reader);
  if (take(reader, 'fetch')) {
    next(reader);
    query.limit = next(reader).text;
    skipTo(reader, () => false);
  }
}

function readSelect(reader: Reader): Select {
  const select: Select = {
    distinct: take(reader, 'distinct'),
    distinctOn: [],
    items: [],
    from: [],
    groupBy: [],
    groupByAll: false,
  };
  if (select.distinct && take(reader, 'on', '(')) {
    select.distinctOn = readExpressions(reader);
    take(reader, ')');
  }
  take(reader, 'all');
  if (take(reader, 'top')) readTop(reader);
  select.items = readItems(reader);
  readClauses(reader, select);
  return select;
}

function readTop(reader: Reader): void {
  if (!take(reader, '(')) next(reader);
  else skipTo(reader, () => false);
  take(reader, ')');
}

function readExpressions(reader: Reader): Expression[] {
  const expressions: Expression[] = [];
  do expressions.push(readExpression(reader));
  while (take(reader, ','));
  return expressions;
}

function readItems(reader: Reader): SelectItem[] {
  const items: SelectItem[] = [];
  while (peek(reader).kind !== 'end' && !sees(reader, ')') && !endsItems(reader)) {
    items.push(readItem(reader));
    if (!take(reader, ',')) break;
  }
  return items;
}

/** A clause's word ends the items, unless it is a column of that name. */
function endsItems(reader: Reader): boolean {
  if (!seesWordOf(reader, CLAUSES)) return false;
  return sees(reader, 'from') || ![',', 'as', '.', 'from'].includes(peek(reader, 1).value);
}

function readItem(reader: Reader): SelectItem {
  const start = reader.at;
  const comment = peek(reader).comment;
  let expression = readExpression(reader);
  let alias = readAlias(reader);
  const rest = skipTo(reader, (inner) => sees(inner, ',') || seesWordOf(inner, CLAUSES));
  if (rest.length > 0) {
    note(reader, textOf(reader.tokens.slice(start, reader.at)));
    const last = rest.at(-1);
    const named = rest.at(-2)?.value === 'as' && last !== undefined;
    expression = unknownPiece(reader.tokens.slice(start, reader.at - (named ? 2 : 0)));
    alias = named ? last.value : undefined;
  }
  return {
    expression,
    ...(alias === undefined ? {} : { alias }),
    ...(comment === undefined ? {} : { comment }),
  };
}

function readAlias(reader: Reader): string | undefined {
  const explicit = take(reader, 'as');
  const token = peek(reader);
  const isName = token.kind === 'quoted' || token.kind === 'word' || (explicit && token.kind === 'string');
  if (!isName || (!explicit && token.kind === 'word' && NOT_AN_ALIAS.has(token.value))) return undefined;
  next(reader);
  return token.kind === 'word' ? token.text : token.value;
}

function readClauses(reader: Reader, select: Select): void {
  for (;;) {
    if (take(reader, 'from')) select.from = readFrom(reader);
    else if (take(reader, 'where')) select.where = readCondition(reader);
    else if (take(reader, 'having')) select.having = readCondition(reader);
    else if (take(reader, 'qualify')) select.qualify = readCondition(reader);
    else if (take(reader, 'group', 'by')) readGroupBy(reader, select);
    else if (take(reader, 'window')) skipTo(reader, endsClause);
    else {
      const skipped = skipTo(reader, endsClause);
      if (skipped.length === 0) return;
      note(reader, textOf(skipped));
    }
  }
}

/** Clauses that end a condition; the words that end a whole select are among them. */
function endsClause(reader: Reader): boolean {
  return seesWordOf(reader, CLAUSES);
}

function readCondition(reader: Reader): Expression {
  const start = reader.at;
  const condition = readExpression(reader);
  const rest = skipTo(reader, endsClause);
  if (rest.length === 0) return condition;
  note(reader, textOf(rest));
  return unknownPiece(reader.tokens.slice(start, reader.at));
}

function readGroupBy(reader: Reader, select: Select): void {
  if (take(reader, 'all')) {
    select.groupByAll = true;
    return;
  }
  select.groupBy = readExpressions(reader).flatMap((key) =>
    key.kind === 'call' && ['rollup', 'cube', 'grouping sets'].includes(key.name) ? key.arguments : [key],
  );
}
