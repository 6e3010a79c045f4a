import { dayNumberOf, toDay } from '../budgets/zones.ts';
import { type Bucket, bucketsOf } from '../ledger/buckets.ts';
import type { CrossRows, NamedSum } from './day-sums.ts';
import { type Dimension, isTimeDimension, type JobDimension, type TimeDimension } from './dimension.ts';

/** What the jobs of a group have cost, and what such jobs had cost before. */
export interface CostGroup {
  /** By dimension; null where the jobs do not say it. Of a time its first day, of a month `YYYY-MM`. */
  names: Partial<Record<Dimension, string | null>>;
  /** The days that it covers. */
  days: Bucket;
  count: number;
  /** More than a number can hold exactly, where many millions of USD come together. */
  costNanoUsd: bigint;
  /** Of the cost of all groups, 0 to 1. */
  share: number;
  averageNanoUsd: number;
  /** In as many days directly before. */
  previousNanoUsd: bigint;
  /** Against the days before, in percent; null where there was no cost. */
  changePercent: number | null;
}

interface Sum {
  count: number;
  /** What has been added last, and what came before it: only now and then is a big number touched. */
  near: number;
  far: bigint;
}

interface Tally {
  keys: readonly (string | null)[];
  days: Bucket;
  now: Sum;
  before: Sum;
}

/** Half of what is exact: one more cost can never be too much. */
const NEAR_LIMIT = 2 ** 52;

/** Adds up days to groups by one dimension or two, of which one may be a time. */
export function createGrouping(span: Bucket, dimensions: readonly Dimension[]) {
  const time = dimensions.find(isTimeDimension);
  const named = dimensions.filter((each): each is JobDimension => !isTimeDimension(each));
  const buckets = time === undefined ? [span] : bucketsOf(span.start, span.end, time);
  const { places, from } = placesOf(buckets);
  const tallies = new Map<string, Tally>();

  function tallyOf(keys: readonly (string | null)[], bucket: number): Tally {
    const key = JSON.stringify([bucket, ...keys]);
    const known = tallies.get(key);
    if (known !== undefined) return known;
    const made = { keys, days: buckets[bucket] ?? span, now: emptySum(), before: emptySum() };
    tallies.set(key, made);
    return made;
  }

  function add(day: string, keys: readonly (string | null)[], count: number, costNanoUsd: number): void {
    const place = places.get(day);
    if (place?.now !== undefined) addTo(tallyOf(keys, place.now).now, count, costNanoUsd);
    for (const bucket of place?.before ?? []) addTo(tallyOf(keys, bucket).before, count, costNanoUsd);
  }

  return {
    /** The first day that is needed, for what was before. */
    from,
    named,
    /** Sums of a day by the only dimension that is no time; by any where all are. */
    addSums(day: string, sums: readonly NamedSum[]): void {
      for (const { name, count, costNanoUsd } of sums)
        add(day, named.length === 0 ? [] : [name], count, costNanoUsd);
    },
    /** Rows of a day, which are summed up by what is asked before they are told apart by name. */
    addRows(day: string, rows: CrossRows): void {
      if (!places.has(day)) return;
      for (const { keys, sum } of cellsOf(rows, named)) {
        add(day, keys, sum.count, sum.near);
        for (const cost of numbersOf(sum.far)) add(day, keys, 0, cost);
      }
    },
    /** The dearest first, then by name; groups that have no jobs now are left out. */
    groups(): CostGroup[] {
      const present = [...tallies.values()].filter(({ now }) => now.count > 0);
      const all = present.reduce((sum, { now }) => sum + totalOf(now), 0n);
      return present.map((tally) => toGroup(tally, namesOf(tally), all)).sort(byCost);
    },
  };

  function namesOf({ keys, days }: Tally): CostGroup['names'] {
    const nameOf = (each: Dimension) =>
      isTimeDimension(each) ? nameOfTime(each, days.start) : (keys[named.indexOf(each)] ?? null);
    return Object.fromEntries(dimensions.map((each) => [each, nameOf(each)]));
  }
}

/** Sums of one dimension of the rows, or of two crossed, each with its names. */
function cellsOf(rows: CrossRows, named: readonly JobDimension[]) {
  const [first, second] = named.map((each) => rows.columns[each]);
  if (first === undefined) {
    const sum = emptySum();
    for (const [row, count] of rows.counts.entries()) addTo(sum, count, rows.costs[row] ?? 0);
    return [{ keys: [], sum }];
  }
  const width = second?.names.length ?? 1;
  const sums = new Map<number, Sum>();
  for (const [row, code] of first.codes.entries()) {
    const cell = code * width + (second?.codes[row] ?? 0);
    let sum = sums.get(cell);
    if (sum === undefined) {
      sum = emptySum();
      sums.set(cell, sum);
    }
    addTo(sum, rows.counts[row] ?? 0, rows.costs[row] ?? 0);
  }
  return [...sums].map(([cell, sum]) => {
    const keys = [first.names[Math.floor(cell / width)] ?? null];
    if (second !== undefined) keys.push(second.names[cell % width] ?? null);
    return { keys, sum };
  });
}

/** Exact numbers that add up to it. */
function numbersOf(amount: bigint): number[] {
  const most = BigInt(NEAR_LIMIT);
  const numbers: number[] = [];
  let rest = amount;
  for (; rest > most; rest -= most) numbers.push(Number(most));
  for (; rest < -most; rest += most) numbers.push(-Number(most));
  numbers.push(Number(rest));
  return numbers;
}

function toGroup({ days, now, before }: Tally, names: CostGroup['names'], all: bigint): CostGroup {
  const [cost, previous] = [totalOf(now), totalOf(before)];
  return {
    names,
    days,
    count: now.count,
    costNanoUsd: cost,
    share: all === 0n ? 0 : Number(cost) / Number(all),
    averageNanoUsd: Number(cost) / now.count,
    previousNanoUsd: previous,
    changePercent: previous <= 0n ? null : (Number(cost - previous) / Number(previous)) * 100,
  };
}

function nameOfTime(dimension: TimeDimension, day: string): string {
  if (dimension === 'month') return day.slice(0, 7);
  return dimension === 'week' ? mondayOf(day) : day;
}

/** In which bucket a day counts, and for which buckets it is one of as many days before. */
function placesOf(buckets: readonly Bucket[]) {
  const places = new Map<string, { now?: number; before: number[] }>();
  const placeOf = (day: number) => {
    const name = toDay(day);
    const place = places.get(name) ?? { before: [] };
    places.set(name, place);
    return place as { now?: number; before: number[] };
  };
  let first = Number.POSITIVE_INFINITY;
  for (const [index, { start, end }] of buckets.entries()) {
    const [from, to] = [numberOf(start), numberOf(end)];
    const length = to - from + 1;
    for (let day = from; day <= to; day += 1) placeOf(day).now = index;
    for (let day = from - length; day < from; day += 1) placeOf(day).before.push(index);
    first = Math.min(first, from - length);
  }
  return { places, from: toDay(first) };
}

function emptySum(): Sum {
  return { count: 0, near: 0, far: 0n };
}

function addTo(sum: Sum, count: number, costNanoUsd: number): void {
  sum.count += count;
  const near = sum.near + costNanoUsd;
  if (Math.abs(near) < NEAR_LIMIT) {
    sum.near = near;
    return;
  }
  sum.far += BigInt(sum.near) + BigInt(costNanoUsd);
  sum.near = 0;
}

function totalOf({ near, far }: Sum): bigint {
  return far + BigInt(near);
}

function byCost(a: CostGroup, b: CostGroup): number {
  if (a.costNanoUsd !== b.costNanoUsd) return a.costNanoUsd > b.costNanoUsd ? -1 : 1;
  const [one, other] = [a, b].map(({ names }) => JSON.stringify(Object.values(names)));
  return (one ?? '') < (other ?? '') ? -1 : 1;
}

function mondayOf(day: string): string {
  const number = numberOf(day);
  // 1970-01-01 was a Thursday.
  return toDay(number - ((((number + 3) % 7) + 7) % 7));
}

function numberOf(day: string): number {
  return dayNumberOf(day) ?? Number.NaN;
}
