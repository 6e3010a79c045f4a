import {
  type BudgetNotification,
  DEFAULT_ALERT_AT,
  DEFAULT_POLICY,
  DEFAULT_THRESHOLDS,
} from '../../../domain/budgets/budget.ts';
import type { BudgetDraft } from '../../../domain/budgets/draft.ts';
import { budgetProblems } from '../../../domain/budgets/problems.ts';

function draft(more: Partial<BudgetDraft> = {}): BudgetDraft {
  return {
    name: 'ml',
    scope: { queue: 'ml' },
    period: { type: 'monthly', timeZone: 'UTC' },
    amountUsd: 100,
    currency: 'USD',
    thresholds: DEFAULT_THRESHOLDS,
    alertAt: DEFAULT_ALERT_AT,
    policy: DEFAULT_POLICY,
    notifications: [],
    tags: [],
    active: true,
    ...more,
  };
}
const fieldsOf = (more: Partial<BudgetDraft>) => budgetProblems(draft(more)).map(({ field }) => field);
const amount = (amountUsd: number) => fieldsOf({ amountUsd });
const thresholds = (warning: number, throttle: number, block: number) =>
  fieldsOf({ thresholds: { warning, throttle, block } });
const notify = (...given: Partial<BudgetNotification>[]) =>
  fieldsOf({
    notifications: given.map((each) => ({
      type: 'log',
      target: '',
      events: ['block'],
      enabled: true,
      metadata: {},
      ...each,
    })),
  });

test('a sound budget has none, with whatever it may have', () => {
  expect(budgetProblems(draft())).toEqual([]);
  const everything = draft({
    per: 'user',
    scope: { team: 'a', queue: 'b', kind: 'documentation', provider: 'openai', model: 'openai/gpt-5-mini' },
    period: { type: 'custom', startDate: '2024-02-29', endDate: '2024-02-29', timeZone: 'Asia/Kathmandu' },
    amountUsd: 0.000000001,
    policy: { ...DEFAULT_POLICY, throttleFactor: 1, gracePeriodHours: 24, graceMaximumUsd: 5 },
    breaker: { velocity: { usd: 1, minutes: 5 }, coolDownMinutes: 10 },
    tags: ['a', 'b'],
  });
  expect(budgetProblems(everything)).toEqual([]);
});

test('all are told at once, and what is missing keeps none from being told', () => {
  const problems = budgetProblems({
    name: ' ',
    amountUsd: -1,
    period: { type: 'daily', timeZone: 'Mars/Olympus', startDate: '2025-02-30' },
    thresholds: { warning: 0.9, throttle: 0.8, block: 1 },
    tags: ['a', 'a'],
  });
  expect(problems).toEqual([
    { field: 'name', problem: 'must not be empty' },
    { field: 'period.startDate', problem: 'must be a day of the calendar, as YYYY-MM-DD' },
    {
      field: 'period.timeZone',
      problem: 'must be the name of a time zone, like UTC or Europe/Berlin',
    },
    { field: 'amountUsd', problem: 'must be at least 0, not -1' },
    { field: 'thresholds.throttle', problem: 'must be no less than thresholds.warning, which is 0.9' },
    { field: 'tags.1', problem: 'is the same as tags.0' },
  ]);
});

describe('an amount', () => {
  test('is a number from nothing to nine million USD', () => {
    for (const good of [0, 0.01, 9_000_000]) expect(amount(good)).toEqual([]);
    for (const bad of [-0.000000001, 9_000_000.01, 1e16, Number.NaN, Number.POSITIVE_INFINITY])
      expect([bad, amount(bad)]).toEqual([bad, ['amountUsd']]);
  });

  test('has no decimals beyond the nano-dollar, and no digits that would be lost', () => {
    for (const good of [1e-9, 0.1, 0.123456789, 8_999_999.12345678])
      expect([good, amount(good)]).toEqual([good, []]);
    for (const bad of [1e-10, 0.1234567891, 1_234_567.123456789])
      expect([bad, amount(bad)]).toEqual([bad, ['amountUsd']]);
  });

  test('is looked at wherever one stands', () => {
    expect(fieldsOf({ rollover: { maxUsd: -1 } })).toEqual(['rollover.maxUsd']);
    expect(fieldsOf({ policy: { ...DEFAULT_POLICY, graceMaximumUsd: 1e16 } })).toEqual([
      'policy.graceMaximumUsd',
    ]);
    const velocity = (usd: number, minutes: number) =>
      fieldsOf({ breaker: { velocity: { usd, minutes }, coolDownMinutes: 10 } });
    expect(velocity(-1, 5)).toEqual(['breaker.velocity.usd']);
    expect(velocity(0, 0)).toEqual(['breaker.velocity.usd', 'breaker.velocity.minutes']);
  });
});

describe('thresholds and alerts', () => {
  test('are shares over 0, thresholds up to 1', () => {
    expect(thresholds(0.000001, 0.5, 1)).toEqual([]);
    expect(thresholds(1, 1, 1)).toEqual([]);
    expect(thresholds(0, 0.9, 1)).toEqual(['thresholds.warning']);
    expect(thresholds(0.5, 0.9, 1.000001)).toEqual(['thresholds.block']);
    expect(thresholds(Number.NaN, 0.9, 1)).toEqual(['thresholds.warning']);
    expect(thresholds(0.1234567, 0.9, 1)).toEqual(['thresholds.warning']);
    expect(fieldsOf({ alertAt: [0.5, 1.2] })).toEqual([]);
    expect(fieldsOf({ alertAt: [0, 11] })).toEqual(['alertAt.0', 'alertAt.1']);
  });

  test('ascend', () => {
    expect(thresholds(0.9, 0.75, 1)).toEqual(['thresholds.throttle']);
    expect(thresholds(0.5, 1, 0.9)).toEqual(['thresholds.block']);
    expect(fieldsOf({ alertAt: [0.5, 0.5, 0.4] })).toEqual(['alertAt.1', 'alertAt.2']);
  });
});

describe('a period', () => {
  const period = (more: object) =>
    fieldsOf({ period: { type: 'monthly', timeZone: 'UTC', ...more } as BudgetDraft['period'] });

  test('ends no earlier than it starts, on days that there are', () => {
    expect(period({ startDate: '2025-03-01', endDate: '2025-03-01' })).toEqual([]);
    expect(period({ startDate: '2025-03-02', endDate: '2025-03-01' })).toEqual(['period.endDate']);
    expect(period({ startDate: '2025-02-29' })).toEqual(['period.startDate']);
    expect(period({ endDate: 'tomorrow' })).toEqual(['period.endDate']);
  });

  test('has both dates if it is custom, and none after it to roll over to', () => {
    expect(period({ type: 'custom' })).toEqual(['period.startDate', 'period.endDate']);
    expect(
      fieldsOf({
        period: { type: 'custom', timeZone: 'UTC', startDate: '2025-01-01', endDate: '2025-01-31' },
        rollover: { maxUsd: 1 },
      }),
    ).toEqual(['rollover']);
  });

  test('is in a time zone that there is', () => {
    expect(period({ timeZone: 'America/Sao_Paulo' })).toEqual([]);
    for (const timeZone of ['', 'CET+1', 'Europe/Atlantis', '+01:00'])
      expect([timeZone, period({ timeZone })]).toEqual([timeZone, ['period.timeZone']]);
  });
});

describe('policy and breaker', () => {
  test('keep to their ranges', () => {
    const policy = (more: object) => fieldsOf({ policy: { ...DEFAULT_POLICY, ...more } });
    expect(policy({ throttleFactor: 0 })).toEqual(['policy.throttleFactor']);
    expect(policy({ throttleFactor: 1.5 })).toEqual(['policy.throttleFactor']);
    expect(policy({ gracePeriodHours: -1 })).toEqual(['policy.gracePeriodHours']);
    expect(policy({ gracePeriodHours: Number.NaN })).toEqual(['policy.gracePeriodHours']);
    expect(fieldsOf({ breaker: { coolDownMinutes: 0 } })).toEqual(['breaker.coolDownMinutes']);
  });

  test('a budget for each user names no user', () => {
    expect(fieldsOf({ per: 'user', scope: { user: 'ann' } })).toEqual(['scope.user']);
    expect(fieldsOf({ scope: { user: '', model: 'x'.repeat(301) } })).toEqual(['scope.user', 'scope.model']);
  });
});

describe('notifications', () => {
  test('go to targets of their type', () => {
    const good = [
      { type: 'email', target: 'ops@example.com' },
      { type: 'slack', target: '#ops-alerts' },
      { type: 'slack', target: 'C0123456789' },
      { type: 'webhook', target: 'https://hooks.example.com:8443/budget?x=1' },
      { type: 'webhook', target: 'http://localhost:9000' },
      { type: 'log', target: '' },
    ] as const;
    expect(notify(...good)).toEqual([]);
    const bad = [
      { type: 'email', target: 'ops' },
      { type: 'email', target: 'ops@example' },
      { type: 'slack', target: 'ops alerts' },
      { type: 'webhook', target: 'ftp://example.com' },
      { type: 'webhook', target: 'https://user:secret@example.com' },
      { type: 'webhook', target: 'example.com' },
    ] as const;
    expect(notify(...bad)).toEqual(bad.map((_, at) => `notifications.${at}.target`));
  });

  test('come once each, for at least one event', () => {
    expect(notify({ events: [] })).toEqual(['notifications.0.events']);
    expect(notify({ events: ['block', 'warning', 'block'] })).toEqual(['notifications.0.events.2']);
    expect(notify({ target: 'a' }, { target: 'b' }, { target: 'a' })).toEqual(['notifications.2']);
  });

  test('carry metadata that can be stored as they are', () => {
    expect(
      notify({ metadata: { auth_header: 'Bearer x', timeout: 5, labels: { a: [1, { b: 2 }] } } }),
    ).toEqual([]);
    expect(notify({ metadata: { $where: 1 } })).toEqual(['notifications.0.metadata.$where']);
    expect(notify({ metadata: { labels: { 'a.b': 1 } } })).toEqual(['notifications.0.metadata.labels.a.b']);
    expect(notify({ metadata: { text: 'x'.repeat(10_000) } })).toEqual(['notifications.0.metadata']);
    const deep = JSON.parse(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`) as Record<string, unknown>;
    expect(notify({ metadata: deep })).toEqual(['notifications.0.metadata.a.0.0.0.0']);
  });
});
