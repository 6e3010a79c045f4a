/** A budget of 100 USD a month. */
export const NEW = { name: 'ml', scope: { queue: 'ml' }, period: { type: 'monthly' }, amountUsd: 100 };
/** One with a value of its own in every field. */
export const EVERYTHING = {
  name: 'everything',
  scope: { team: 'search', kind: 'documentation' },
  per: 'user',
  period: { type: 'daily', startDate: '2025-01-01', timeZone: 'Asia/Kathmandu' },
  amountUsd: 12.345678901,
  currency: 'USD',
  thresholds: { warning: 0.5, throttle: 0.6, block: 0.9 },
  alertAt: [0.1, 1.5],
  policy: {
    warnOnly: false,
    throttleFactor: 0.25,
    blockNewJobs: true,
    allowEmergency: true,
    gracePeriodHours: 2,
    graceMaximumUsd: 1.5,
  },
  rollover: { maxUsd: 5 },
  breaker: { velocity: { usd: 2, minutes: 10 }, coolDownMinutes: 30 },
  notifications: [
    {
      type: 'webhook',
      target: 'https://hooks.example.com/x',
      events: ['block', 'reset'],
      enabled: false,
      metadata: { auth_header: '(hidden)', timeout: 5 },
    },
  ],
  tags: ['a', 'b'],
  active: true,
};
