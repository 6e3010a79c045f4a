import type { Collections } from './collections.ts';
import { createSavings } from './savings.ts';

/** Where money stands, over all organizations. Amounts in nano-dollars. */
export interface MoneyFigures {
  activeBudgets: number;
  openHolds: number;
  /** What the open holds keep, calls under way included. */
  held: number;
  /** What the present periods have committed; a cost under two budgets counts in both. */
  committed: number;
  /** All costs ever counted. */
  spent: number;
  /** How often a period has reached a threshold. */
  crossings: Record<(typeof LEVELS)[number], number>;
  /** What reuse and caching have saved, as reports reckon it. */
  saved: number;
  /** Organizations that have told what jobs really cost. */
  withBenchmarks: string[];
}

const LEVELS = ['warning', 'throttle', 'block'] as const;

type Parts = Pick<
  Collections,
  'budgets' | 'budgetPeriods' | 'holds' | 'dailyCosts' | 'auditLog' | 'organizations' | 'benchmarks' | 'runs'
>;

/** For monitoring: reads every row of the daily costs, so whoever asks often keeps the answer. */
export function createFigures(parts: Parts) {
  const { budgets, budgetPeriods, holds, dailyCosts, auditLog, organizations } = parts;
  const savings = createSavings(parts);

  async function sumUp<T extends object>(
    { model }: { model: { collection: { aggregate(stages: object[]): { toArray(): Promise<unknown[]> } } } },
    match: object,
    sums: Record<keyof T, object>,
  ): Promise<Partial<T>> {
    const stages = [{ $match: match }, { $group: { _id: null, ...sums } }];
    const [row] = await model.collection.aggregate(stages).toArray();
    return (row as Partial<T> | undefined) ?? {};
  }

  async function crossings(): Promise<MoneyFigures['crossings']> {
    const match = { org: { $in: await organizations.ids() }, event: { $in: [...LEVELS] } };
    const rows = await auditLog.model.aggregate<{ _id: (typeof LEVELS)[number]; count: number }>([
      { $match: match },
      { $group: { _id: '$event', count: { $sum: 1 } } },
    ]);
    const counts = { warning: 0, throttle: 0, block: 0 };
    for (const { _id, count } of rows) counts[_id] = count;
    return counts;
  }

  return async function figures(at: Date): Promise<MoneyFigures> {
    const kept = { $add: ['$left', { $sum: '$open.worst' }] };
    const present = { closed: { $in: [null, false] }, end: { $gt: at }, budget: { $ne: '' } };
    const [activeBudgets, open, periods, days, reached, withBenchmarks, saved] = await Promise.all([
      budgets.model.countDocuments({ alive: true, active: true }),
      sumUp<{ count: number; held: number }>(
        holds,
        { state: { $in: ['open', 'stale'] } },
        { count: { $sum: 1 }, held: { $sum: kept } },
      ),
      sumUp<{ committed: number }>(budgetPeriods, present, { committed: { $sum: '$committed' } }),
      sumUp<{ cost: number }>(dailyCosts, {}, { cost: { $sum: '$cost' } }),
      crossings(),
      parts.benchmarks.model.distinct('org'),
      savings(),
    ]);
    return {
      activeBudgets,
      openHolds: open.count ?? 0,
      held: open.held ?? 0,
      committed: periods.committed ?? 0,
      spent: days.cost ?? 0,
      crossings: reached,
      saved,
      withBenchmarks,
    };
  };
}
