import { render, renderOrdering } from '../sql/render.ts';
import type { OutputColumn } from '../sql/scope.ts';
import type { Call, Expression } from '../sql/syntax.ts';
import { conditionWords } from './conditions.ts';
import { sourceOf } from './origin.ts';
import { code, listed, snippet } from './words.ts';

/** A call over a window, as a noun phrase. */
export function windowWords(call: Call, column: OutputColumn): string {
  const { partitionBy, orderBy } = call.over ?? { partitionBy: [], orderBy: [] };
  const within =
    partitionBy.length === 0 ? '' : ` within each ${listed(partitionBy.map((key) => code(render(key))))}`;
  const ordered = orderBy.length === 0 ? '' : `, in the order of ${code(renderOrdering(orderBy))}`;
  const [first] = call.arguments;
  const value = first === undefined ? 'rows' : sourceOf(first, column);
  const ranks = /^(row_number|rank|dense_rank|ntile|percent_rank|cume_dist)$/;
  if (ranks.test(call.name)) return `the position of the row (${code(`${call.name}()`)})${within}${ordered}`;
  if (call.name === 'lag') return `${value} of the row before${within}${ordered}`;
  if (call.name === 'lead') return `${value} of the next row${within}${ordered}`;
  if (call.name === 'first_value' || call.name === 'last_value') {
    return `the ${call.name === 'first_value' ? 'first' : 'last'} ${value}${within}${ordered}`;
  }
  const plain = aggregateWords({ ...call, over: undefined } as unknown as Call, column);
  const running = orderBy.length > 0 ? 'a running value: ' : '';
  return `${running}${plain ?? snippet(render({ ...call, name: call.name }), 90)}${within}${ordered}`;
}

const AGGREGATES: Record<string, string> = {
  sum: 'the sum of',
  avg: 'the average of',
  min: 'the smallest',
  max: 'the largest',
  median: 'the median of',
  stddev: 'the standard deviation of',
  any_value: 'any one',
  bool_or: 'whether any row has',
  bool_and: 'whether all rows have',
};

/** An aggregate as a noun phrase, or undefined for other calls. */
export function aggregateWords(call: Call, column: OutputColumn): string | undefined {
  const [argument] = call.arguments;
  const filter = call.filter === undefined ? '' : ` over the rows where ${conditionWords(call.filter)}`;
  if (call.name === 'count') return countWords(call, column) + filter;
  const words = AGGREGATES[call.name];
  if (words === undefined) {
    if (!/(_agg|listagg|group_concat|collect_.*)$/.test(call.name)) return undefined;
    const values = argument === undefined ? 'the rows' : sourceOf(argument, column);
    return `all values of ${values} put together${filter}`;
  }
  if (argument?.kind === 'case') return conditionalAggregate(call.name, words, argument, column);
  const wrapped =
    argument?.kind === 'call' && /^(coalesce|ifnull)$/.test(argument.name) ? argument.arguments[0] : argument;
  const value = wrapped === undefined ? 'the rows' : sourceOf(wrapped, column);
  return `${timeWords(call.name, value) ?? words} ${call.distinct ? 'distinct ' : ''}${value}${filter}`;
}

/** The smallest date is the earliest. */
function timeWords(name: string, value: string): string | undefined {
  if (!/(date|_at|_on|_time|timestamp|created|updated|day|month|_start|_end)\b/i.test(value))
    return undefined;
  return name === 'min' ? 'the earliest' : name === 'max' ? 'the latest' : undefined;
}

function countWords(call: Call, column: OutputColumn): string {
  const [argument] = call.arguments;
  if (argument === undefined || argument.kind === 'star' || argument.kind === 'literal')
    return 'the number of rows';
  if (argument.kind === 'case' && argument.branches.length === 1 && argument.branches[0] !== undefined) {
    const { when, then } = argument.branches[0];
    const what = call.distinct && then.kind !== 'literal' ? `distinct ${sourceOf(then, column)}` : 'rows';
    return `the number of ${what} where ${conditionWords(when)}`;
  }
  if (call.distinct) return `the number of distinct ${sourceOf(argument, column)}`;
  return `the number of rows with a value in ${sourceOf(argument, column)}`;
}

/** `sum(case when … then x else 0 end)`: the aggregate over some of the rows. */
function conditionalAggregate(
  name: string,
  words: string,
  argument: Extract<Expression, { kind: 'case' }>,
  column: OutputColumn,
): string {
  const [branch, ...others] = argument.branches;
  const rest = argument.otherwise;
  const neutral =
    rest === undefined ||
    (rest.kind === 'literal' && rest.type === 'null') ||
    (name === 'sum' && rest.kind === 'literal' && Number(rest.text) === 0);
  if (branch === undefined || others.length > 0 || !neutral || argument.operand !== undefined) {
    return `${words} ${snippet(render(argument), 120)}`;
  }
  const condition = conditionWords(branch.when);
  if (name === 'sum' && branch.then.kind === 'literal' && branch.then.text === '1') {
    return `the number of rows where ${condition}`;
  }
  const value = sourceOf(branch.then, column);
  return `${timeWords(name, value) ?? words} ${value} over the rows where ${condition}`;
}
