import { isAggregate } from './render.ts';
import { type Bound, columnOf, handedOn, lookUp, type OutputColumn, same } from './scope.ts';
import { columnsIn, contains, type Expression, type Select, type SelectItem } from './syntax.ts';

/** The relations that a star, or the star of a table, stands for. */
export function boundsFor(table: string | undefined, bounds: Bound[]): Bound[] {
  if (table === undefined) return bounds.filter((bound) => bound.join !== 'semi' && bound.join !== 'anti');
  return bounds.filter((bound) => same(bound.alias, table) || same(bound.resolved.name, table));
}

/**
 * The columns that a select puts out, as far as its stars can be resolved; of two with one name the first
 * counts.
 */
export function outputsOf(select: Select, step: string | undefined, bounds: Bound[]): OutputColumn[] {
  const columns = new Map<string, OutputColumn>();
  for (const item of select.items) {
    for (const column of outputOf(item, select, step, bounds, columns)) {
      const key = column.name.toLowerCase();
      if (!columns.has(key)) columns.set(key, column);
    }
  }
  return [...columns.values()];
}

function outputOf(
  item: SelectItem,
  select: Select,
  step: string | undefined,
  bounds: Bound[],
  before: ReadonlyMap<string, OutputColumn>,
): OutputColumn[] {
  const { expression } = item;
  if (expression.kind === 'star') {
    return boundsFor(expression.table, bounds)
      .flatMap((bound) => bound.resolved.columns.map((column) => handedOn(column, bound)))
      .filter((column) => !expression.except.some((name) => same(name, column.name)));
  }
  const name = item.alias ?? impliedName(expression);
  if (name === undefined) return [];
  const comment = item.comment === undefined ? {} : { comment: item.comment };
  if (expression.kind === 'column') {
    return [{ ...referenced(expression, bounds, before), ...comment, name }];
  }
  const inputs = columnsIn(expression).map((reference) => referenced(reference, bounds, before));
  const emptyWithout = canBeEmpty(expression)
    ? inputs.find((input) => input.emptyWithout)?.emptyWithout
    : undefined;
  const aggregated = select.groupBy.length === 0 && !select.groupByAll && contains(expression, isAggregate);
  return [
    {
      name,
      expression,
      inputs,
      origins: distinctOrigins(inputs),
      certain: inputs.every((input) => input.certain),
      ...(step === undefined ? {} : { step }),
      ...(emptyWithout === undefined ? {} : { emptyWithout }),
      ...(aggregated ? { per: [] } : {}),
      ...comment,
    },
  ];
}

/** A name means a column of the relations, else an alias given earlier in the same select. */
function referenced(
  reference: Extract<Expression, { kind: 'column' }>,
  bounds: Bound[],
  before: ReadonlyMap<string, OutputColumn>,
): OutputColumn {
  if (reference.table === undefined && !bounds.some((bound) => columnOf(bound.resolved, reference.name))) {
    const earlier = before.get(reference.name.toLowerCase());
    if (earlier !== undefined) return earlier;
  }
  return lookUp(reference, bounds);
}

function impliedName(expression: Expression): string | undefined {
  if (expression.kind === 'column') return expression.name;
  if (expression.kind === 'cast') return impliedName(expression.value);
  if (expression.kind === 'call') return expression.name.split('.').at(-1);
  if (expression.kind === 'case') return 'case';
  return undefined;
}

function distinctOrigins(inputs: OutputColumn[]): OutputColumn['origins'] {
  const origins = new Map(
    inputs.flatMap((input) => input.origins).map((one) => [`${one.relation}.${one.column}`, one]),
  );
  return [...origins.values()];
}

/** False where the expression itself puts a value in place of a missing one. */
function canBeEmpty(expression: Expression): boolean {
  if (expression.kind === 'cast') return canBeEmpty(expression.value);
  if (expression.kind === 'operation')
    return !expression.operator.startsWith('is ') && expression.operator !== 'or';
  if (expression.kind === 'case') {
    const results = [...expression.branches.map((branch) => branch.then), expression.otherwise];
    return results.some(
      (result) => result === undefined || result.kind !== 'literal' || result.type === 'null',
    );
  }
  if (expression.kind !== 'call') return true;
  if (expression.name === 'count') return false;
  const last = expression.arguments.at(-1);
  if (['coalesce', 'ifnull', 'nvl', 'isnull'].includes(expression.name)) return last?.kind !== 'literal';
  return !(expression.name === 'sum' && expression.arguments[0] && !canBeEmpty(expression.arguments[0]));
}

/** Notes with each aggregate by what the rows were grouped. */
export function markGrouped(columns: OutputColumn[], step: string | undefined, grouping: string[]): void {
  for (const column of columns) {
    if (column.step === step && column.per === undefined && contains(column.expression, isAggregate))
      column.per = grouping;
  }
}
