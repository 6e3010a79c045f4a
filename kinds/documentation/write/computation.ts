import { render } from '../sql/render.ts';
import { type OutputColumn, same } from '../sql/scope.ts';
import type { Call, Expression } from '../sql/syntax.ts';
import { aggregateWords, windowWords } from './aggregates.ts';
import { conditionWords } from './conditions.ts';
import { inputFor, sourceOf } from './origin.ts';
import { code, codes, listed, snippet } from './words.ts';

/** How a column comes about, as a noun phrase: `` the sum of `amount` from `stg_payments` ``. */
export function computationWords(column: OutputColumn): string {
  if (column.expression.kind === 'column') return takenOver(column);
  return expressionWords(column.expression, column);
}

function takenOver(column: OutputColumn): string {
  const [origin] = column.origins;
  if (origin === undefined)
    return `the column ${code(render(column.expression))}, whose relation is not clear from the SQL`;
  if (!column.certain) {
    const relations = [...new Set(column.origins.map((one) => one.relation))];
    return `${code(origin.column)} of ${codes(relations, 'or')} (the SQL does not say which)`;
  }
  const renamed = same(origin.column, column.name) ? '' : ', renamed';
  return `${code(origin.column)} of ${code(origin.relation)}${renamed}`;
}

function expressionWords(expression: Expression, column: OutputColumn): string {
  switch (expression.kind) {
    case 'cast':
      return castWords(expression, column);
    case 'literal':
      return expression.type === 'null' ? 'always empty' : `always ${expression.text}`;
    case 'case':
      return caseWords(expression);
    case 'call':
      return callWords(expression, column);
    case 'operation':
      return operationWords(expression, column);
    case 'column':
      return sourceOf(expression, column);
    case 'query':
      return 'the result of a subquery';
    default:
      return `the value of ${snippet(render(expression))}`;
  }
}

function castWords(expression: Extract<Expression, { kind: 'cast' }>, column: OutputColumn): string {
  if (expression.value.kind === 'literal' && expression.value.type === 'null') {
    return `always empty: a null of type ${expression.type} stands for a column that the source lacks`;
  }
  return `${expressionWords(expression.value, column)}, cast to ${expression.type}`;
}

const CONDITIONS =
  /^(=|==|<>|!=|<|>|<=|>=|in|not in|like|not like|ilike|between|not between|and|or|not|is .*)$/;

function operationWords(
  expression: Extract<Expression, { kind: 'operation' }>,
  column: OutputColumn,
): string {
  if (CONDITIONS.test(expression.operator))
    return `true where ${conditionWords(expression)}, otherwise false`;
  const [left, right] = expression.operands;
  if (expression.operator === '->>' || expression.operator === '->') {
    const key = right === undefined ? '' : ` at ${render(right)}`;
    return `a value taken out of ${left === undefined ? 'a document' : sourceOf(left, column)}${key}`;
  }
  if (expression.operator === '||')
    return `${listed(expression.operands.map((one) => sourceOf(one, column)))}, put together`;
  const from = relationsBehind(column);
  return `computed as ${snippet(render(expression))}${from}`;
}

/** ` from a and b`, for expressions in which each value's own origin would be too much to read. */
function relationsBehind(column: OutputColumn): string {
  const relations = [...new Set(column.origins.map((origin) => origin.relation))];
  if (relations.length === 0 || !column.certain) return '';
  return ` from ${codes(relations, 'and', 4)}`;
}

function caseWords(expression: Extract<Expression, { kind: 'case' }>): string {
  const { branches, operand, otherwise } = expression;
  const fallback = otherwise === undefined || isNull(otherwise) ? 'empty' : resultWords(otherwise);
  if (branches.length > 6) {
    return `chosen by ${branches.length} conditions: ${snippet(render(expression), 160)}`;
  }
  const parts = branches.map(({ when, then }) => {
    const condition: Expression =
      operand === undefined ? when : { kind: 'operation', operator: '=', operands: [operand, when] };
    return `${resultWords(then)} where ${conditionWords(condition)}`;
  });
  return `${parts.join('; ')}; otherwise ${fallback}`;
}

function isNull(expression: Expression): boolean {
  return expression.kind === 'literal' && expression.type === 'null';
}

function resultWords(expression: Expression): string {
  if (isNull(expression)) return 'empty';
  return expression.kind === 'literal' ? expression.text : snippet(render(expression), 90);
}

function callWords(call: Call, column: OutputColumn): string {
  if (call.over !== undefined) return windowWords(call, column);
  const aggregate = aggregateWords(call, column);
  if (aggregate !== undefined) return aggregate;
  const [first, second] = call.arguments;
  const name = call.name.split('.').at(-1) ?? call.name;
  if (first === undefined)
    return name.startsWith('current_') || name === 'now'
      ? 'the time at which the model runs'
      : `the value of ${code(`${name}()`)}`;
  if (/^(md5|sha1|sha256|hash|farm_fingerprint|generate_surrogate_key|surrogate_key)$/.test(name)) {
    const names = [...new Set(column.inputs.map((input) => input.name))];
    return names.length === 0 ? 'a hash' : `a surrogate key: a hash of ${codes(names)}`;
  }
  if (/^(coalesce|ifnull|nvl)$/.test(name)) return coalesceWords(call, column);
  if (name === 'date_trunc') return dateTruncWords(call, column);
  if (/^(extract|date_part)$/.test(name) && second !== undefined)
    return `the ${unit(first)} of ${sourceOf(second, column)}`;
  if (name === 'lower' || name === 'upper') return `${sourceOf(first, column)} in ${name} case`;
  if (name === 'trim') return `${sourceOf(first, column)} without spaces around it`;
  if (name === 'date' || name === 'to_date') return `the date of ${sourceOf(first, column)}`;
  if (name === 'datediff' || name === 'date_diff')
    return `the time between two dates: ${snippet(render(call))}`;
  return `computed as ${snippet(render(call))}${relationsBehind(column)}`;
}

const unit = (expression: Expression): string => render(expression).replaceAll("'", '').toLowerCase();

function dateTruncWords(call: Call, column: OutputColumn): string {
  // BigQuery writes the value first.
  const [first, second] = call.arguments;
  if (first === undefined || second === undefined) return `computed as ${snippet(render(call))}`;
  const [part, value] = first.kind === 'literal' ? [first, second] : [second, first];
  return `${sourceOf(value, column)}, cut to the ${unit(part)}`;
}

function coalesceWords(call: Call, column: OutputColumn): string {
  const last = call.arguments.at(-1);
  const values = call.arguments.slice(0, -1);
  const [first] = values;
  if (last?.kind === 'literal' && values.length === 1 && first !== undefined) {
    const value = first.kind === 'column' ? earlierWords(first, column) : expressionWords(first, column);
    return `${value}, with ${last.text} where there is none`;
  }
  return `the first of ${listed(call.arguments.map((one) => sourceOf(one, column)))} that has a value`;
}

/** A column that an earlier step made is told with how it was made. */
function earlierWords(reference: Extract<Expression, { kind: 'column' }>, column: OutputColumn): string {
  const input = inputFor(reference, column);
  if (input === undefined || input.expression.kind === 'column') return sourceOf(reference, column);
  return computationWords(input);
}
