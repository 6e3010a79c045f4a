import { DEFAULT_POLICY, DEFAULT_THRESHOLDS, type Policy } from '../../../domain/budgets/budget.ts';
import { type Counters, freshCounters } from '../../../domain/budgets/counters.ts';
import { type DecisionRequest, decide, type Standing } from '../../../domain/budgets/decide.ts';
import type { Scope } from '../../../domain/budgets/scope.ts';

const NOW = new Date('2025-03-14T12:00:00Z');
const BEFORE = new Date(NOW.getTime() - 1);
const AFTER = new Date(NOW.getTime() + 1);
/** Its thresholds are at 75, 90 and 100 nano-dollars. */
const AMOUNT = 100;

interface Case {
  id?: string;
  scope?: Scope;
  policy?: Partial<Policy>;
  counters?: Partial<Counters>;
  amount?: number;
}

/** A budget with so much spent, and nothing held unless the counters say so. */
function spent(spent: number, { id = 'b1', scope = {}, policy, counters, amount = AMOUNT }: Case = {}) {
  const fresh = freshCounters({ amountNanoUsd: amount, thresholds: DEFAULT_THRESHOLDS });
  const rest = { ...fresh, spent, committed: spent, ...counters };
  const ceiling = fresh.ceiling + rest.raised + rest.grace;
  return {
    budget: { id, name: id, scope, thresholds: DEFAULT_THRESHOLDS, policy: { ...DEFAULT_POLICY, ...policy } },
    counters: { ...rest, ceiling, left: ceiling - rest.committed },
  } satisfies Standing;
}

function ask(standings: Standing[], request: Partial<DecisionRequest> = {}) {
  return decide(standings, { scope: { queue: 'ml' }, priority: 5, at: NOW, ...request });
}
const typeOf = (standing: Standing, request: Partial<DecisionRequest> = {}) => ask([standing], request).type;

describe('thresholds', () => {
  test.each([
    [0, 'allow', 1],
    [74, 'allow', 1],
    [75, 'warn', 1],
    [76, 'warn', 1],
    [89, 'warn', 1],
    [90, 'throttle', 0.5],
    [91, 'throttle', 0.5],
    [99, 'throttle', 0.5],
    [100, 'block', 0],
    [101, 'block', 0],
  ] as const)('with %d of 100 nano-dollars spent: %s', (amount, type, factor) => {
    const standing = spent(amount);
    const decision = ask([standing]);
    expect([decision.type, decision.factor]).toEqual([type, factor]);
    expect(decision).toMatchObject({
      budgetId: 'b1',
      currentSpendNanoUsd: amount,
      budgetAmountNanoUsd: 100,
      utilization: amount / 100,
    });
  });

  test('are met by the first nano-dollar that is no less than the share', () => {
    expect(typeOf(spent(2, { amount: 3 }))).toBe('allow');
    expect(typeOf(spent(3, { amount: 4 }))).toBe('warn');
    expect(typeOf(spent(7, { amount: 10 }))).toBe('allow');
    expect(typeOf(spent(8, { amount: 10 }))).toBe('warn');
  });

  test('are looked for in what is spent, not in what is held', () => {
    expect(typeOf(spent(10, { counters: { committed: 99 } }))).toBe('allow');
  });

  test('move with what was rolled over and raised, and not with grace', () => {
    expect(typeOf(spent(100, { counters: { raised: 50 } }))).toBe('allow');
    expect(typeOf(spent(149, { counters: { raised: 50 } }))).toBe('throttle');
    expect(typeOf(spent(150, { counters: { raised: 50 } }))).toBe('block');
    const decision = ask([spent(100, { counters: { rolled: 50 } })]);
    expect([decision.budgetAmountNanoUsd, decision.utilization]).toEqual([150, 100 / 150]);
    expect(typeOf(spent(100, { counters: { grace: 50 } }))).toBe('block');
  });

  test('of an amount of nothing are reached at once', () => {
    const decision = ask([spent(0, { amount: 0 })]);
    expect([decision.type, decision.utilization]).toEqual(['block', 1]);
  });
});

describe('nothing left to admit', () => {
  test('blocks, though little is spent', () => {
    expect(typeOf(spent(10, { counters: { committed: 99 } }))).toBe('allow');
    expect(typeOf(spent(10, { counters: { committed: 100 } }))).toBe('block');
    expect(typeOf(spent(10, { counters: { committed: 101 } }))).toBe('block');
    expect(ask([spent(10, { counters: { committed: 100 } })]).message).toMatch(
      /^b1: .* spent \(10 %\), and the rest is held: /,
    );
  });
});

describe('the policy', () => {
  test('warnOnly never does more than warn', () => {
    const policy = { warnOnly: true };
    expect(typeOf(spent(74, { policy }))).toBe('allow');
    for (const amount of [75, 90, 100, 1000]) expect(typeOf(spent(amount, { policy }))).toBe('warn');
    expect(typeOf(spent(0, { policy, counters: { committed: 100 } }))).toBe('warn');
    expect(typeOf(spent(0, { policy, counters: { breaker: { state: 'open' } } }))).toBe('warn');
  });

  test('blockNewJobs: false never does more than throttle', () => {
    const policy = { blockNewJobs: false, throttleFactor: 0.2 };
    for (const amount of [90, 100, 1000]) {
      const decision = ask([spent(amount, { policy })]);
      expect([decision.type, decision.factor]).toEqual(['throttle', 0.2]);
    }
    expect(typeOf(spent(0, { policy, counters: { committed: 100 } }))).toBe('throttle');
  });

  test('grace lets a block act as throttle until its time is over or its money is used up', () => {
    const grace = (spentNow: number, graceUntil: Date) =>
      typeOf(spent(spentNow, { counters: { grace: 20, graceUntil } }));
    expect(grace(100, AFTER)).toBe('throttle');
    expect(grace(119, AFTER)).toBe('throttle');
    expect(grace(120, AFTER)).toBe('block');
    expect(grace(100, NOW)).toBe('block');
    expect(grace(100, BEFORE)).toBe('block');
    expect(grace(74, AFTER)).toBe('allow');
  });

  test('an emergency of priority 8 and over passes where that is allowed, and is said to', () => {
    const policy = { allowEmergency: true };
    expect(typeOf(spent(100, { policy }), { priority: 7 })).toBe('block');
    const decision = ask([spent(100, { policy })], { priority: 8 });
    expect([decision.type, decision.factor]).toEqual(['warn', 1]);
    expect(decision.message).toMatch(/passes as an emergency of priority 8$/);
    expect(typeOf(spent(90, { policy }), { priority: 8 })).toBe('warn');
    expect(typeOf(spent(74, { policy }), { priority: 10 })).toBe('allow');
    expect(typeOf(spent(100), { priority: 10 })).toBe('block');
  });
});

describe('the circuit breaker', () => {
  const breaker = (state: Counters['breaker'] & object) =>
    ask([spent(1, { counters: { breaker: state } })]).type;

  test('blocks while it is open, however little is spent', () => {
    expect(breaker({ state: 'open' })).toBe('block');
    expect(breaker({ state: 'open', until: AFTER })).toBe('block');
  });

  test('lets one probe pass after its cool-down, and no other while that one runs', () => {
    expect(breaker({ state: 'open', until: NOW })).toBe('throttle');
    expect(breaker({ state: 'half_open' })).toBe('throttle');
    expect(breaker({ state: 'half_open', leaseUntil: NOW })).toBe('throttle');
    expect(breaker({ state: 'half_open', leaseUntil: AFTER })).toBe('block');
  });
});

describe('several budgets', () => {
  test('the strictest decides, whatever their order', () => {
    const all = [
      spent(10, { id: 'allows' }),
      spent(90, { id: 'throttles' }),
      spent(75, { id: 'warns' }),
      spent(100, { id: 'blocks' }),
    ];
    expect(ask(all).budgetId).toBe('blocks');
    expect(ask(all.toReversed()).budgetId).toBe('blocks');
    expect(ask(all.slice(0, 3)).budgetId).toBe('throttles');
    expect(ask([all[0]!, all[2]!]).budgetId).toBe('warns');
  });

  test('an emergency passes those that allow it, and is stopped by one that does not', () => {
    const lenient = spent(200, { id: 'lenient', policy: { allowEmergency: true } });
    expect(ask([lenient, spent(100, { id: 'strict' })], { priority: 9 }).budgetId).toBe('strict');
  });

  test('of two throttles the smaller factor counts, of equals the one that is used most', () => {
    const slow = spent(90, { id: 'slow', policy: { throttleFactor: 0.1 } });
    expect(ask([spent(95, { id: 'used' }), slow]).budgetId).toBe('slow');
    expect(ask([spent(91, { id: 'less' }), spent(95, { id: 'more' })]).budgetId).toBe('more');
    expect(ask([spent(40, { id: 'less' }), spent(50, { id: 'more' })]).budgetId).toBe('more');
  });

  test('only those whose scope matches count', () => {
    const other = spent(100, { id: 'other', scope: { queue: 'etl' } });
    const narrow = spent(80, { id: 'narrow', scope: { queue: 'ml', team: 'search' } });
    expect(ask([other]).budgetId).toBeUndefined();
    expect(ask([other, narrow]).type).toBe('allow');
    expect(ask([other, narrow], { scope: { queue: 'ml', team: 'search' } }).budgetId).toBe('narrow');
  });

  test('where none applies everything is allowed', () => {
    expect(ask([])).toEqual({
      type: 'allow',
      factor: 1,
      message: 'no budget applies',
      budgetId: undefined,
      currentSpendNanoUsd: 0,
      budgetAmountNanoUsd: undefined,
      utilization: 0,
    });
  });
});

test('the message says the numbers, and what of them decided', () => {
  const usd = 1_000_000_000;
  const of = (amount: number, more: Case = {}) =>
    ask([spent(amount * usd, { id: 'ml daily', amount: 100 * usd, ...more })]).message;
  expect(of(10)).toBe('ml daily: $10.00 of $100.00 spent (10 %)');
  expect(of(76.5)).toBe('ml daily: $76.50 of $100.00 spent (76.5 %), over the warning threshold of 75 %');
  expect(of(100, { policy: { warnOnly: true } })).toBe(
    'ml daily: $100.00 of $100.00 spent (100 %), over the block threshold of 100 %; it only warns',
  );
  expect(of(99.999)).toMatch(/\(99\.9 %\)/);
  expect(of(1, { counters: { breaker: { state: 'open' } } })).toMatch(/; its circuit breaker is open$/);
  const graceUntil = AFTER;
  expect(of(100, { counters: { grace: 20 * usd, graceUntil } })).toMatch(
    /; grace runs until 2025-03-14T12:00:00.001Z$/,
  );
});
