import { type Bucket, type BucketType, bucketsOf } from './buckets.ts';
import { addSum, type CostSum, emptySum } from './cost-sum.ts';

/** The costs of one group over time: a point for every bucket, also where nothing was spent. */
export interface Series<Group> {
  group: Group;
  points: (Bucket & { sum: CostSum })[];
}

/**
 * Sums by day and group as series, the dearest first. Without any sum there are no groups: one empty series
 * then, so that a chart has its axis.
 */
export function historyOf<Group extends object>(
  days: readonly { day: string; group: Group; sum: CostSum }[],
  span: { start: string; end: string; by: BucketType },
  noGroup: Group,
): Series<Group>[] {
  const buckets = bucketsOf(span.start, span.end, span.by);
  const series = new Map<string, Series<Group> & { cost: number }>();
  const seriesOf = (group: Group) => {
    const key = JSON.stringify(group);
    const known = series.get(key) ?? { group, cost: 0, points: buckets.map(emptyPoint) };
    series.set(key, known);
    return known;
  };
  if (days.length === 0) seriesOf(noGroup);
  for (const { day, group, sum } of days) {
    const one = seriesOf(group);
    one.cost += sum.cost;
    const point = one.points[lastFrom(buckets, day)];
    if (point !== undefined) addSum(point.sum, sum);
  }
  return [...series.values()].sort((a, b) => b.cost - a.cost).map(({ group, points }) => ({ group, points }));
}

function emptyPoint(bucket: Bucket): Bucket & { sum: CostSum } {
  return { ...bucket, sum: emptySum() };
}

/** Where the bucket stands that holds a day: the last one that begins no later. Days compare as text. */
function lastFrom(buckets: readonly Bucket[], day: string): number {
  let low = 0;
  let high = buckets.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((buckets[middle]?.start ?? '') <= day) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
