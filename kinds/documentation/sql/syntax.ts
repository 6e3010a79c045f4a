/** The shape into which SQL is read: small, and the same for every dialect. Names are kept as written. */

export type Expression =
  | { kind: 'column'; table?: string; name: string }
  | { kind: 'star'; table?: string; except: string[] }
  | { kind: 'literal'; text: string; type: 'string' | 'number' | 'boolean' | 'null' | 'interval' | 'date' }
  | Call
  | { kind: 'cast'; value: Expression; type: string }
  | { kind: 'case'; operand?: Expression; branches: Branch[]; otherwise?: Expression }
  | { kind: 'operation'; operator: string; operands: Expression[] }
  | { kind: 'list'; items: Expression[] }
  | { kind: 'query'; query: Query }
  /** Syntax that is not understood: its text, and the names in it that may be columns. */
  | { kind: 'other'; text: string; inner: Expression[] };

export interface Call {
  kind: 'call';
  /** Lower-case, with its path, e.g. `sum`, `dbt_utils.surrogate_key`. */
  name: string;
  arguments: Expression[];
  distinct: boolean;
  filter?: Expression;
  over?: Window;
}

export interface Branch {
  when: Expression;
  then: Expression;
}

export interface Window {
  partitionBy: Expression[];
  orderBy: Ordering[];
}

export interface Ordering {
  expression: Expression;
  descending: boolean;
}

export interface Query {
  steps: { name: string; query: Query }[];
  /** More than one where set operators combine them. */
  selects: Select[];
  /** Between the selects, e.g. `union all`. */
  setOperators: string[];
  orderBy: Ordering[];
  limit?: string;
}

export interface Select {
  distinct: boolean;
  distinctOn: Expression[];
  items: SelectItem[];
  from: Relation[];
  where?: Expression;
  groupBy: Expression[];
  groupByAll: boolean;
  having?: Expression;
  qualify?: Expression;
}

export interface SelectItem {
  expression: Expression;
  alias?: string;
  /** A comment written above the item. */
  comment?: string;
}

export type JoinType = 'from' | 'inner' | 'left' | 'right' | 'full' | 'cross' | 'semi' | 'anti';

export interface Relation {
  join: JoinType;
  /** The last part of its name as written; for a subquery or a table function, a name for people. */
  name: string;
  alias: string;
  query?: Query;
  /** True for table functions, `lateral` and `unnest`, whose columns cannot be known. */
  computed: boolean;
  on?: Expression;
  using: string[];
}

/** Direct parts of an expression, without those of subqueries. */
function partsOf(expression: Expression): Expression[] {
  switch (expression.kind) {
    case 'call':
      return [
        ...expression.arguments,
        ...(expression.filter === undefined ? [] : [expression.filter]),
        ...(expression.over?.partitionBy ?? []),
        ...(expression.over?.orderBy ?? []).map((ordering) => ordering.expression),
      ];
    case 'cast':
      return [expression.value];
    case 'case':
      return [
        ...(expression.operand === undefined ? [] : [expression.operand]),
        ...expression.branches.flatMap((branch) => [branch.when, branch.then]),
        ...(expression.otherwise === undefined ? [] : [expression.otherwise]),
      ];
    case 'operation':
      return expression.operands;
    case 'list':
      return expression.items;
    case 'other':
      return expression.inner;
    default:
      return [];
  }
}

export type ColumnReference = Extract<Expression, { kind: 'column' }>;

/** Every column that an expression names, each once, in order. */
export function columnsIn(expression: Expression): ColumnReference[] {
  const found = new Map<string, ColumnReference>();
  const visit = (part: Expression): void => {
    if (part.kind === 'column') found.set(`${part.table ?? ''}.${part.name}`.toLowerCase(), part);
    for (const inner of partsOf(part)) visit(inner);
  };
  visit(expression);
  return [...found.values()];
}

/** True where the expression or a part of it passes the test. */
export function contains(expression: Expression, test: (part: Expression) => boolean): boolean {
  return test(expression) || partsOf(expression).some((part) => contains(part, test));
}

/** The conditions that are joined by `and` at the top. */
export function conjuncts(condition: Expression | undefined): Expression[] {
  if (condition === undefined) return [];
  if (condition.kind === 'operation' && condition.operator === 'and') {
    return condition.operands.flatMap((operand) => conjuncts(operand));
  }
  return [condition];
}
