import type { Budget } from '../../../domain/budgets/budget.ts';
import { budgetTally, comparedBudgets, countBudgets, sumOf } from '../../../domain/report/budgeted.ts';
import { budgetOf } from './facts.ts';

const OCTOBER = { start: '2026-10-01', end: '2026-10-31' };
const USD = 1_000_000_000;
const monthly = (timeZone: string) => ({ type: 'monthly', timeZone }) as const;

function amountOf(budgets: Budget[], period = OCTOBER, amounts = new Map()) {
  const compared = comparedBudgets(countBudgets(budgets, period, amounts));
  return compared.length === 0 ? undefined : sumOf(compared, 'amount');
}

describe('what a budget gives the days of a report', () => {
  test('is its whole amount where the report lies within one of its periods', () => {
    const budget = budgetOf('all', 31 * USD);
    expect(amountOf([budget])).toBe(31 * USD);
    expect(amountOf([budget], { start: '2026-10-10', end: '2026-10-12' })).toBe(31 * USD);
  });

  test('is the sum over its periods, and of one that is cut the share of its days', () => {
    const budget = budgetOf('all', 31 * USD);
    expect(amountOf([budget], { start: '2026-08-01', end: '2026-10-31' })).toBe(93 * USD);
    expect(amountOf([budget], { start: '2026-09-30', end: '2026-10-02' })).toBe(
      Math.round((31 * USD) / 30) + 2 * USD,
    );
    const weekly = budgetOf('week', 7 * USD, { period: { type: 'weekly', timeZone: 'UTC' } });
    expect(amountOf([weekly])).toBe(31 * USD);
    const daily = budgetOf('day', 3, { period: { type: 'daily', timeZone: 'UTC' } });
    expect(amountOf([daily])).toBe(93);
  });

  test('is exact where amount × days is no safe integer', () => {
    const large = budgetOf('large', 8_000_000_000_000_001);
    const cut = amountOf([large], { start: '2026-09-30', end: '2026-10-31' });
    expect(BigInt(cut ?? 0) - 8_000_000_000_000_001n).toBe(266_666_666_666_667n);
  });

  test('does not depend on a budget being cut in another time zone', () => {
    for (const zone of ['Pacific/Kiritimati', 'America/Los_Angeles', 'Europe/Berlin'])
      expect([zone, amountOf([budgetOf('all', 31 * USD, { period: monthly(zone) })])]).toEqual([
        zone,
        31 * USD,
      ]);
  });

  test('is what its period had then, with what was rolled over and raised', () => {
    const start = Date.UTC(2026, 9, 1);
    expect(amountOf([budgetOf('all', USD)], OCTOBER, new Map([['all', new Map([[start, 5 * USD]])]]))).toBe(
      5 * USD,
    );
  });

  test('is whole in the first period, which begins before the budget does', () => {
    const period = { type: 'monthly', timeZone: 'UTC', startDate: '2026-10-20' } as const;
    const [counted] = countBudgets([budgetOf('late', USD, { period })], OCTOBER, new Map());
    expect([counted?.amount, counted?.first, counted?.last]).toEqual([USD, '2026-10-20', '2026-10-31']);
  });
});

describe('what the whole is compared with', () => {
  test('is nothing without a budget, and nothing for budgets per user or of other days', () => {
    const ended = {
      type: 'custom',
      timeZone: 'UTC',
      startDate: '2026-01-01',
      endDate: '2026-09-30',
    } as const;
    expect(amountOf([])).toBeUndefined();
    expect(
      amountOf([budgetOf('each', USD, { per: 'user' }), budgetOf('ended', USD, { period: ended })]),
    ).toBe(undefined);
  });

  test('is the tightest of the budgets for the whole organization, whatever narrower ones there are', () => {
    const daily = budgetOf('daily', 2 * USD, { period: { type: 'daily', timeZone: 'UTC' } });
    const team = budgetOf('team', 500 * USD, { scope: { team: 'a' } });
    expect(amountOf([budgetOf('monthly', 100 * USD), daily, team])).toBe(62 * USD);
    expect(amountOf([budgetOf('monthly', 50 * USD), daily, team])).toBe(50 * USD);
  });

  test('is made of budgets that follow each other', () => {
    const half = (id: string, startDate: string, endDate: string) =>
      budgetOf(id, 10 * USD, { period: { type: 'custom', timeZone: 'UTC', startDate, endDate } });
    expect(amountOf([half('one', '2026-10-01', '2026-10-15'), half('two', '2026-10-16', '2026-10-31')])).toBe(
      20 * USD,
    );
  });

  test('counts no cost twice: of the narrower budgets those of the sort under which most was spent', () => {
    const counted = countBudgets(
      [
        budgetOf('a', 10 * USD, { scope: { team: 'a' } }),
        budgetOf('a again', 20 * USD, { scope: { team: 'a' } }),
        budgetOf('b', 30 * USD, { scope: { team: 'b' } }),
        budgetOf('q', 900 * USD, { scope: { queue: 'q' } }),
        budgetOf('a and q', 5 * USD, { scope: { team: 'a', queue: 'q' } }),
      ],
      OCTOBER,
      new Map(),
    );
    const add = budgetTally(counted);
    add({ day: '2026-10-02', team: 'a', queue: 'q', count: 1, cost: 7 });
    add({ day: '2026-10-31', team: 'b', queue: 'r', count: 1, cost: 5 });
    add({ day: '2026-10-31', queue: 'r', count: 1, cost: 100 });
    const compared = comparedBudgets(counted);
    expect(compared.map(({ budget, spent }) => [budget.id, spent])).toEqual([
      ['a', 7],
      ['b', 5],
    ]);
    expect(counted.map(({ spent }) => spent)).toEqual([7, 7, 5, 7, 7]);
    expect(sumOf(compared, 'amount')).toBe(40 * USD);
  });
});
