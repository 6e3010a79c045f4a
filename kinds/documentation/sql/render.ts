import type { Expression, Ordering } from './syntax.ts';

/**
 * An expression as one line of SQL, in lower-case keywords, the same for the same meaning however it was
 * written.
 */
export function render(expression: Expression): string {
  switch (expression.kind) {
    case 'column':
      return expression.table === undefined ? expression.name : `${expression.table}.${expression.name}`;
    case 'star':
      return expression.table === undefined ? '*' : `${expression.table}.*`;
    case 'literal':
    case 'other':
      return expression.text;
    case 'cast':
      return `cast(${render(expression.value)} as ${expression.type})`;
    case 'list':
      return `(${expression.items.map(render).join(', ')})`;
    case 'query':
      return '(a subquery)';
    case 'call':
      return renderCall(expression);
    case 'case':
      return renderCase(expression);
    case 'operation':
      return renderOperation(expression.operator, expression.operands);
  }
}

function renderCall(call: Extract<Expression, { kind: 'call' }>): string {
  const values = call.arguments.map(render).join(', ');
  const isConstant = call.arguments.length === 0 && call.name.startsWith('current_');
  const base = isConstant ? call.name : `${call.name}(${call.distinct ? 'distinct ' : ''}${values})`;
  const filter = call.filter === undefined ? '' : ` filter (where ${render(call.filter)})`;
  if (call.over === undefined) return base + filter;
  const partition = call.over.partitionBy.map(render).join(', ');
  const order = renderOrdering(call.over.orderBy);
  const window = [partition && `partition by ${partition}`, order && `order by ${order}`]
    .filter(Boolean)
    .join(' ');
  return `${base}${filter} over (${window})`;
}

/** `a, b desc` */
export function renderOrdering(orderBy: Ordering[]): string {
  return orderBy
    .map((ordering) => render(ordering.expression) + (ordering.descending ? ' desc' : ''))
    .join(', ');
}

function renderCase(expression: Extract<Expression, { kind: 'case' }>): string {
  const operand = expression.operand === undefined ? '' : ` ${render(expression.operand)}`;
  const branches = expression.branches.map(({ when, then }) => ` when ${render(when)} then ${render(then)}`);
  const otherwise = expression.otherwise === undefined ? '' : ` else ${render(expression.otherwise)}`;
  return `case${operand}${branches.join('')}${otherwise} end`;
}

function renderOperation(operator: string, operands: Expression[]): string {
  const [first, second, third] = operands.map((operand) => renderOperand(operator, operand));
  if (operator.endsWith('between')) return `${first} ${operator} ${second} and ${third}`;
  if (operator.startsWith('is ')) return `${first} ${operator}`;
  if (operator === '[]') return `${first}[${second}]`;
  if (operands.length === 1) return operator === 'not' ? `not ${first}` : `${operator}${first}`;
  return operands.map((operand) => renderOperand(operator, operand)).join(` ${operator} `);
}

function renderOperand(operator: string, operand: Expression): string {
  const text = render(operand);
  const needsBrackets =
    operand.kind === 'operation' && operand.operands.length > 1 && operand.operator !== operator;
  return needsBrackets && !(operator === 'and' && operand.operator !== 'or') ? `(${text})` : text;
}

const AGGREGATES = new Set(
  `sum count min max avg median stddev stddev_pop stddev_samp variance var_pop array_agg string_agg
  listagg group_concat any_value bool_or bool_and boolor_agg booland_agg max_by min_by arg_max arg_min
  approx_count_distinct approx_distinct count_if countif sum_if mode percentile_cont percentile_disc
  corr json_agg jsonb_agg object_agg first last logical_or logical_and every collect_list collect_set
  quantile_cont`.split(/\s+/),
);

/** True for a call that makes one value of many rows (not over a window). */
export function isAggregate(expression: Expression): boolean {
  return expression.kind === 'call' && expression.over === undefined && AGGREGATES.has(expression.name);
}
