import { budgetEditOf, newBudgetOf } from '../../cli/budget-options.ts';
import { share, shareList, timeOf, usdFrom, wordList } from '../../cli/option-values.ts';
import { AppError } from '../../domain/errors.ts';

describe('what a new budget is made of', () => {
  test('the least: a name, an amount and a period, for everything', () => {
    expect(newBudgetOf('all', { amount: 50, period: 'monthly' })).toEqual({
      name: 'all',
      amountUsd: 50,
      scope: {},
      period: { type: 'monthly' },
    });
  });

  test('every option has its place', () => {
    const options = {
      amount: 50,
      period: 'custom' as const,
      start: '2025-01-01',
      end: '2025-01-31',
      timeZone: 'Europe/Berlin',
      team: 'red',
      model: 'x/y',
      perUser: true,
      warning: 0.5,
      alertAt: [0.5, 1],
      allowEmergency: true,
      graceHours: 2,
      graceMax: 5,
      rollover: 10,
      velocity: '$2.5/10',
      coolDown: 15,
      tag: ['a', 'b'],
      active: false,
    };
    expect(newBudgetOf('all', options)).toEqual({
      name: 'all',
      amountUsd: 50,
      scope: { team: 'red', model: 'x/y' },
      per: 'user',
      period: { type: 'custom', startDate: '2025-01-01', endDate: '2025-01-31', timeZone: 'Europe/Berlin' },
      thresholds: { warning: 0.5 },
      alertAt: [0.5, 1],
      policy: { allowEmergency: true, gracePeriodHours: 2, graceMaximumUsd: 5 },
      rollover: { maxUsd: 10 },
      breaker: { velocity: { usd: 2.5, minutes: 10 }, coolDownMinutes: 15 },
      tags: ['a', 'b'],
      active: false,
    });
    expect(newBudgetOf('all', { amount: 1, period: 'daily', breaker: true })).toMatchObject({
      breaker: true,
    });
  });

  test('a velocity that is none is named', () => {
    const wrong = () => newBudgetOf('all', { amount: 1, period: 'daily', velocity: '5 per hour' });
    expect(wrong).toThrow(AppError);
    expect(wrong).toThrow('--velocity 5 per hour is not USD/MINUTES');
  });
});

describe('what an edit changes', () => {
  test('only what was named; what is taken away is null', () => {
    expect(budgetEditOf({ amount: 0 })).toEqual({ amountUsd: 0 });
    expect(budgetEditOf({ warnOnly: false, rollover: false, breaker: false })).toEqual({
      policy: { warnOnly: false },
      rollover: null,
      breaker: null,
    });
    expect(budgetEditOf({ name: 'x', active: true, block: 0.95 })).toEqual({
      name: 'x',
      active: true,
      thresholds: { block: 0.95 },
    });
  });

  test('nothing is refused', () => {
    expect(() => budgetEditOf({})).toThrow('nothing is to be changed');
  });
});

describe('values of options', () => {
  test('amounts of USD, with and without the sign', () => {
    expect(['5', '$5', '0.25', '.5', '7.'].map(usdFrom(0))).toEqual([5, 5, 0.25, 0.5, 7]);
    for (const text of ['', '-1', '1e3', '5 USD', 'NaN', '$', '1,000'])
      expect(() => usdFrom(0)(text)).toThrow();
    expect(usdFrom(0)('0')).toBe(0);
    expect(() => usdFrom(1e-9)('0')).toThrow(/over 0/);
  });

  test('shares as numbers and percent', () => {
    expect(['0.75', '75%', '33.3%', '100%'].map(share)).toEqual([0.75, 0.75, 0.333, 1]);
    for (const text of ['', 'x', '-0.1', '%']) expect(() => share(text)).toThrow();
    expect(shareList('90%,1', [0.5])).toEqual([0.5, 0.9, 1]);
  });

  test('lists, once each, and times', () => {
    expect(wordList('b, c,', ['a', 'b'])).toEqual(['a', 'b', 'c']);
    expect(timeOf('2025-01-31T18:00+01:00')).toBe('2025-01-31T17:00:00.000Z');
    expect(() => timeOf('tomorrow')).toThrow(/2025-01-31/);
  });
});
