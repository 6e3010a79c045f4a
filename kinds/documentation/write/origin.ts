import { render } from '../sql/render.ts';
import { type OutputColumn, same } from '../sql/scope.ts';
import type { Expression } from '../sql/syntax.ts';
import { code, codes, snippet } from './words.ts';

/** A value with where it comes from: a column of a relation outside, or one that an earlier step made. */
export function sourceOf(expression: Expression, column: OutputColumn): string {
  if (expression.kind === 'cast') return sourceOf(expression.value, column);
  if (expression.kind === 'literal') return expression.text;
  if (expression.kind !== 'column') return snippet(render(expression), 90);
  const input = inputFor(expression, column);
  if (input?.expression.kind === 'column' && input.certain && input.origins[0] !== undefined) {
    return `${code(input.origins[0].column)} of ${code(input.origins[0].relation)}`;
  }
  if (input !== undefined && !input.certain && input.expression.kind === 'column') {
    const relations = [...new Set(input.origins.map((origin) => origin.relation))];
    if (relations.length > 1)
      return `${code(expression.name)} (of ${codes(relations, 'or')}: the SQL does not say which)`;
  }
  // Two columns of one name are told apart by their tables.
  if (input === undefined) return code(render(expression));
  const made =
    input.step === undefined || input.step === column.step ? '' : ` of the step ${code(input.step)}`;
  return code(expression.name) + made;
}

/** What a name in an expression stands for; undefined where several columns have it. */
export function inputFor(
  reference: Extract<Expression, { kind: 'column' }>,
  column: OutputColumn,
): OutputColumn | undefined {
  const named = column.inputs.filter((input) => same(input.name, reference.name));
  return named.length === 1 ? named[0] : undefined;
}
