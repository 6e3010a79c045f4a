import type { ReadExpression } from './read-primary.ts';
import { next, peek, type Reader, sees, seesName, skipTo, take, unknownPiece } from './reader.ts';
import type { Call, Expression, Ordering, Window } from './syntax.ts';

/** Reads `(…)` of a call and what may follow it: `filter (where …)`, `within group (…)`, `over (…)`. */
export function readCall(reader: Reader, name: string, readExpression: ReadExpression): Expression {
  next(reader);
  const distinct = take(reader, 'distinct');
  take(reader, 'all');
  const call: Call = { kind: 'call', name, arguments: readArguments(reader, readExpression), distinct };
  take(reader, ')');
  if (take(reader, 'within', 'group', '(')) {
    skipTo(reader, () => false);
    take(reader, ')');
  }
  if (sees(reader, 'filter', '(')) {
    reader.at += 2;
    take(reader, 'where');
    call.filter = readExpression(reader);
    skipTo(reader, () => false);
    take(reader, ')');
  }
  if (!take(reader, 'ignore', 'nulls')) take(reader, 'respect', 'nulls');
  return call;
}

function readArguments(reader: Reader, readExpression: ReadExpression): Expression[] {
  const first = peek(reader).value;
  if (first === 'select' || first === 'with') {
    const query = reader.readQuery(reader);
    if (sees(reader, ')')) return [{ kind: 'query', query }];
  }
  const items: Expression[] = [];
  while (peek(reader).kind !== 'end' && !sees(reader, ')')) {
    // Named arguments, `input => x`: the name is no column.
    if (seesName(reader) && peek(reader, 1).value === '=>') reader.at += 2;
    const start = reader.at;
    const item = readExpression(reader);
    const end = reader.at;
    // `extract(year from x)`, `trim(both from x)`, `array_agg(x order by y)`, `struct(a as b)`, `x
    // separator ','`.
    const rest = skipTo(reader, (inner) => sees(inner, ','));
    if (rest[0]?.value === 'from')
      items.push(dateField(item), unknownOrColumn(rest.slice(1), reader, readExpression));
    else items.push(end > start ? item : unknownPiece(rest));
    if (!take(reader, ',')) break;
  }
  return items;
}

function dateField(item: Expression): Expression {
  return item.kind === 'column' ? { kind: 'literal', text: `'${item.name}'`, type: 'string' } : item;
}

function unknownOrColumn(
  tokens: ReturnType<typeof skipTo>,
  reader: Reader,
  readExpression: ReadExpression,
): Expression {
  const end = reader.at;
  reader.at = end - tokens.length;
  const expression = readExpression(reader);
  if (reader.at === end) return expression;
  reader.at = end;
  return unknownPiece(tokens);
}

/** Reads `over (partition by … order by …)` or `over name` after a call. */
export function readOver(reader: Reader, call: Call, readExpression: ReadExpression): Expression {
  next(reader);
  if (!take(reader, '(')) {
    next(reader);
    return { ...call, over: { partitionBy: [], orderBy: [] } };
  }
  const window = readWindow(reader, readExpression);
  skipTo(reader, () => false);
  take(reader, ')');
  return { ...call, over: window };
}

function readWindow(reader: Reader, readExpression: ReadExpression): Window {
  const partitionBy: Expression[] = [];
  if (take(reader, 'partition', 'by')) {
    do partitionBy.push(readExpression(reader));
    while (take(reader, ','));
  }
  return { partitionBy, orderBy: readOrderBy(reader, readExpression) };
}

/** Reads `order by a desc nulls last, b`, or nothing. */
export function readOrderBy(reader: Reader, readExpression: ReadExpression): Ordering[] {
  const orderBy: Ordering[] = [];
  if (!take(reader, 'order', 'by')) return orderBy;
  do {
    const expression = readExpression(reader);
    const descending = take(reader, 'desc');
    take(reader, 'asc');
    if (take(reader, 'nulls')) next(reader);
    orderBy.push({ expression, descending });
  } while (take(reader, ','));
  return orderBy;
}
