import type { JoinFact } from '../sql/joins.ts';
import { conditionWords } from './conditions.ts';
import { code, listed } from './words.ts';

/** What a join does to the rows, in one sentence; `driving` is the relation before it. */
export function joinWords(join: JoinFact, driving: string): string {
  const head = `${join.type} join to ${code(join.relation)}${aliasWords(join)}${keyWords(join)}`;
  return `${head}: ${effectWords(join, driving)}${multiplicityWords(join)}${undoneWords(join)}`;
}

function aliasWords(join: JoinFact): string {
  return join.alias.toLowerCase() === join.relation.toLowerCase() ? '' : ` (as ${code(join.alias)})`;
}

/** `` on `a.x` = `b.x` ``, with further conditions in words. */
export function keyWords(join: JoinFact): string {
  const pairs = join.keys.map(({ left, right }) => `${code(left)} = ${code(`${join.alias}.${right}`)}`);
  const others = join.conditions.map(conditionWords);
  const all = [...pairs, ...others];
  return all.length === 0 ? '' : ` on ${listed(all)}`;
}

function effectWords(join: JoinFact, driving: string): string {
  const [before, joined] = [code(driving), code(join.relation)];
  switch (join.type) {
    case 'left':
      return `keeps every row of ${before} and adds ${joined} where there is a match`;
    case 'inner':
      return `keeps only rows of ${before} that have a match in ${joined}`;
    case 'right':
      return `keeps every row of ${joined}, with ${before} where there is a match`;
    case 'full':
      return `keeps all rows of both sides, matched where they can be`;
    case 'cross':
      return `combines every row of ${before} with every row of ${joined}`;
    case 'semi':
      return `keeps rows of ${before} that have a match in ${joined}, and takes no columns from it`;
    case 'anti':
      return `keeps rows of ${before} that have no match in ${joined}`;
    default:
      return `reads ${joined}`;
  }
}

function multiplicityWords(join: JoinFact): string {
  if (['cross', 'semi', 'anti', 'full'].includes(join.type)) return '';
  if (join.matches === 'one') return '; at most one row matches';
  if (join.matches === 'many') return '; several rows may match, which multiplies rows';
  return '; if several match, rows are multiplied';
}

function undoneWords(join: JoinFact): string {
  if (join.undoneBy === undefined) return '';
  const filter = conditionWords(join.undoneBy);
  return ` — but the filter that ${filter} drops the rows without a match, so it acts as an inner join`;
}
