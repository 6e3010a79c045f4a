import { render } from './render.ts';
import { type Bound, columnOf, same } from './scope.ts';
import { columnsIn, conjuncts, contains, type Expression, type JoinType, type Select } from './syntax.ts';

export interface JoinFact {
  type: JoinType;
  /** Name of the joined step or relation. */
  relation: string;
  alias: string;
  /** Column pairs that must be equal: that of the relations before, that of the joined relation. */
  keys: { left: string; right: string }[];
  /** Further parts of the condition. */
  conditions: Expression[];
  /**
   * `one`: at most one row matches; `many`: its key says that several may; `unknown`: nothing says that
   * its rows are unique by the joined columns.
   */
  matches: 'one' | 'many' | 'unknown';
  /**
   * A where condition on its columns that drops the rows without a match, so that the outer join acts as
   * an inner one.
   */
  undoneBy?: Expression;
}

/** The joins of a select, in order; `from` itself is none. */
export function describeJoins(select: Select, bounds: Bound[]): JoinFact[] {
  return select.from.flatMap((relation, index) => {
    const bound = bounds[index];
    if (index === 0 || bound === undefined || relation.join === 'from') return [];
    const keys = relation.using.map((name) => ({ left: name, right: name }));
    const conditions: Expression[] = [];
    const unique: string[] = [...relation.using];
    for (const part of conjuncts(relation.on)) {
      const pair = equality(part, bounds, index);
      if (pair?.right !== undefined) unique.push(pair.right);
      if (pair?.left !== undefined && pair.right !== undefined)
        keys.push({ left: pair.left, right: pair.right });
      else if (!(part.kind === 'literal' && part.type === 'boolean')) conditions.push(part);
    }
    const undoneBy = relation.join === 'left' ? undoing(select.where, bounds, index) : undefined;
    return [
      {
        type: relation.join === 'inner' && keys.length + conditions.length === 0 ? 'cross' : relation.join,
        relation: bound.resolved.name,
        alias: relation.alias,
        keys,
        conditions,
        matches: matchesOf(bound, unique),
        ...(undoneBy === undefined ? {} : { undoneBy }),
      },
    ];
  });
}

function matchesOf(bound: Bound, joined: string[]): JoinFact['matches'] {
  const { keys } = bound.resolved;
  if (keys.length === 0) return 'unknown';
  return keys.some((key) => key.every((name) => joined.some((other) => same(other, name)))) ? 'one' : 'many';
}

/** Index of the relation that a column belongs to, or undefined where that cannot be told. */
function ownerOf(expression: Expression, bounds: Bound[], upTo: number): number | undefined {
  if (expression.kind !== 'column') return undefined;
  const { table, name } = expression;
  const owners = bounds
    .slice(0, upTo + 1)
    .map((bound, index) => ({ bound, index }))
    .filter(({ bound }) =>
      table === undefined
        ? columnOf(bound.resolved, name) !== undefined
        : same(bound.alias, table) || same(bound.resolved.name, table),
    );
  return owners.at(-1)?.index;
}

/** `a = b` across the join: the outer side and the joined side; `b = 'x'` only the joined side. */
function equality(
  part: Expression,
  bounds: Bound[],
  index: number,
): { left?: string; right?: string } | undefined {
  if (part.kind !== 'operation' || !['=', '==', '<=>'].includes(part.operator)) return undefined;
  const [first, second] = part.operands;
  if (first === undefined || second === undefined) return undefined;
  const [ownerOfFirst, ownerOfSecond] = [ownerOf(first, bounds, index), ownerOf(second, bounds, index)];
  if (ownerOfFirst === index && ownerOfSecond !== index) return sides(second, first);
  if (ownerOfSecond === index && ownerOfFirst !== index) return sides(first, second);
  return undefined;
}

function sides(outer: Expression, joined: Expression): { left?: string; right?: string } {
  if (joined.kind !== 'column') return {};
  const left = outer.kind === 'column' ? { left: render(outer) } : {};
  const constant = columnsIn(outer).length === 0;
  return outer.kind === 'column' || constant ? { ...left, right: joined.name } : {};
}

const KEEPS_EMPTY = new Set(['coalesce', 'ifnull', 'nvl', 'isnull', 'iff', 'if']);

function undoing(where: Expression | undefined, bounds: Bound[], index: number): Expression | undefined {
  return conjuncts(where).find((part) => {
    if (part.kind === 'operation' && ['is null', 'or', 'not'].includes(part.operator)) return false;
    if (contains(part, (inner) => inner.kind === 'case' || inner.kind === 'query')) return false;
    if (contains(part, (inner) => inner.kind === 'call' && KEEPS_EMPTY.has(inner.name))) return false;
    if (
      contains(
        part,
        (inner) =>
          inner.kind === 'operation' && /^(is null|or|is not true|is not false)$/.test(inner.operator),
      )
    ) {
      return false;
    }
    const columns = columnsIn(part);
    return columns.length > 0 && columns.some((column) => ownerOf(column, bounds, bounds.length) === index);
  });
}
