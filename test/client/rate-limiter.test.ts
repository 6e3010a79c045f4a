import { type BudgetDecision, BursarError, createRateLimiter } from '../../client/index.ts';

const decision = (type: BudgetDecision['type'], factor: number): BudgetDecision => ({
  ...{ type, factor, message: `budget says ${type}`, budgetId: 'bud_1' },
  ...{ currentSpendUsd: 1, budgetAmountUsd: 2, utilization: 0.5 },
});

/** A limiter of ten a second whose clock moves by its own waits alone. */
function rehearsal(check: (at: number) => Promise<BudgetDecision>, more: object = {}) {
  let at = 0;
  let checks = 0;
  const limiter = createRateLimiter({
    client: {
      check() {
        checks += 1;
        return check(at);
      },
    },
    scope: { queue: 'mail' },
    perSecond: 10,
    burst: 5,
    now: () => at,
    wait: async (ms) => {
      at += ms;
    },
    ...more,
  });
  const takeMany = async (count: number) => {
    for (let taken = 0; taken < count; taken += 1) await limiter.take();
    return at;
  };
  return { limiter, takeMany, checks: () => checks };
}

test('a burst goes at once, then tokens come at the pace', async () => {
  const { takeMany, checks } = rehearsal(async () => decision('allow', 1));
  expect(await takeMany(5)).toBe(0);
  expect(await takeMany(100)).toBeCloseTo(10_000, -1);
  // One look a second, not one for each token.
  expect(checks()).toBeLessThanOrEqual(12);
});

test('a budget that throttles halves the pace; a second after it no longer does, it is whole', async () => {
  const throttled = rehearsal(async (at) => (at < 10_000 ? decision('throttle', 0.5) : decision('allow', 1)));
  await throttled.takeMany(5);
  expect(await throttled.takeMany(50)).toBeCloseTo(10_000, -2);
  expect(await throttled.takeMany(100)).toBeCloseTo(20_000, -3);
});

test('a budget that blocks lets nobody through until it opens, or throws where that is wanted', async () => {
  const blocked = async (at: number) => (at < 30_000 ? decision('block', 0) : decision('allow', 1));
  const waiting = rehearsal(blocked);
  expect(await waiting.takeMany(1)).toBe(30_000);
  const throwing = rehearsal(blocked, { whenBlocked: 'throw' });
  await expect(throwing.limiter.take()).rejects.toMatchObject({
    code: 'budget_exceeded',
    publicMessage: 'budget says block',
  });
});

test('where nobody answers the last decision counts for a minute, and then takers learn of it', async () => {
  const gone = new BursarError('services_unavailable', 'nobody listens there');
  const { limiter, takeMany } = rehearsal(async (at) => {
    if (at > 5_000) throw gone;
    return decision('allow', 1);
  });
  expect(await takeMany(600)).toBeGreaterThan(55_000);
  await expect(takeMany(100)).rejects.toBe(gone);
  await expect(rehearsal(() => Promise.reject(gone)).limiter.take()).rejects.toBe(gone);
  // A failure is no end: the next taker asks again.
  await expect(limiter.take()).rejects.toBe(gone);
});

test('takers come through in the order of asking; one that is aborted takes nothing', async () => {
  const { limiter } = rehearsal(async () => decision('allow', 1), { burst: 1 });
  const order: number[] = [];
  const takers = [1, 2, 3].map((name) => limiter.take().then(() => order.push(name)));
  const aborted = limiter.take(AbortSignal.abort(new Error('no longer')));
  await expect(aborted).rejects.toThrow('no longer');
  await Promise.all(takers);
  expect(order).toEqual([1, 2, 3]);
});

test.each([{ perSecond: 0 }, { perSecond: Number.NaN }, { burst: 0.5 }])('refuses %j', (wrong) => {
  expect(() => rehearsal(async () => decision('allow', 1), wrong)).toThrow(RangeError);
});
