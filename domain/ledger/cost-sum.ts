import { percentileOf } from './sketch.ts';

/** What many costs come to, in nano-dollars. Sums of parts add up to the sum of the whole. */
export interface CostSum {
  count: number;
  cost: number;
  /** Of single costs; undefined where none is counted. */
  min: number | undefined;
  max: number | undefined;
  components: Record<string, number>;
  tokens: Record<string, number>;
  sketch: Record<string, number>;
}

export function emptySum(): CostSum {
  return { count: 0, cost: 0, min: undefined, max: undefined, components: {}, tokens: {}, sketch: {} };
}

/** Adds a part to a sum, in place. */
export function addSum(sum: CostSum, part: CostSum): void {
  sum.count += part.count;
  sum.cost += part.cost;
  sum.min = least(sum.min, part.min);
  sum.max = most(sum.max, part.max);
  for (const group of ['components', 'tokens', 'sketch'] as const)
    for (const [name, value] of Object.entries(part[group]))
      sum[group][name] = (sum[group][name] ?? 0) + value;
}

/** The average of the costs, in nano-dollars rounded to whole ones; 0 of none. */
export function averageOf({ count, cost }: CostSum): number {
  return count === 0 ? 0 : Math.round(cost / count);
}

/** What 95 % of the costs do not exceed, within 2.5 %, and never beyond the smallest and the largest. */
export function p95Of({ sketch, min, max }: CostSum): number {
  return Math.min(max ?? 0, Math.max(min ?? 0, percentileOf(sketch, 0.95)));
}

function least(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}

function most(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);
}
