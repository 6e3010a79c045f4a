import { render } from './render.ts';
import { columnOf, type OutputColumn, type Resolved } from './scope.ts';

/** The branch that tells most comes first: a constant in one branch is the exception. */
function together(column: OutputColumn, alternatives: OutputColumn[], each: OutputColumn[]): OutputColumn {
  const branches = [column, ...alternatives];
  const main = branches.find((branch) => !isConstant(branch)) ?? column;
  const certainlyEmpty = [column, ...each].every((branch) => branch.emptyWithout !== undefined);
  const { emptyWithout, ...rest } = main;
  return {
    ...rest,
    name: column.name,
    origins: branches.flatMap((branch) => branch.origins),
    certain: branches.every((branch) => branch.certain),
    ...(alternatives.length === 0 ? {} : { alternatives: branches.filter((branch) => branch !== main) }),
    ...(certainlyEmpty && emptyWithout !== undefined ? { emptyWithout } : {}),
  };
}

/** A plain column differs by its origin, since every step may name its columns alike. */
function differs(left: OutputColumn, right: OutputColumn): boolean {
  const key = (column: OutputColumn): string =>
    [
      render(column.expression),
      ...column.origins.flatMap((origin) => [origin.relation, origin.column]),
    ].join();
  return key(left).toLowerCase() !== key(right).toLowerCase();
}

function isConstant(column: OutputColumn): boolean {
  const { expression } = column;
  return (expression.kind === 'cast' ? expression.value : expression).kind === 'literal';
}

/** Puts the branches of a union together; a single select stays as it is. */
export function combine(results: Resolved[], setOperators: string[], name: string): Resolved {
  const [first, ...others] = results;
  if (first === undefined)
    return { name, columns: [], openTo: ['?'], keys: [], sources: [], multipliedBy: [] };
  if (others.length === 0) return { ...first, name };
  const closed = [first, ...others].every((result) => result.openTo.length === 0);
  const columns = first.columns.map((column, index) => {
    const each = others.flatMap(
      (other) => (closed ? other.columns[index] : columnOf(other, column.name)) ?? [],
    );
    return together(
      column,
      each.filter((other) => differs(other, column)),
      each,
    );
  });
  const distinct = setOperators.every((operator) => operator === 'union');
  const keep = setOperators.every((operator) => /^(except|intersect|minus)/.test(operator));
  return {
    name,
    columns,
    openTo: [...new Set([first, ...others].flatMap((result) => result.openTo))],
    keys: keep ? first.keys : distinct && closed ? [columns.map((column) => column.name)] : [],
    sources: [...new Set([first, ...others].flatMap((result) => result.sources))],
    multipliedBy: [],
  };
}
