import { CHANNEL_DEFAULTS, type Channel } from '../../../domain/alerts/channel.ts';
import { budgetChannels, fallbackOf, wants } from '../../../domain/alerts/routing.ts';
import { DEFAULT_THRESHOLDS } from '../../../domain/budgets/budget.ts';

const channel = (id: string, more: Partial<Channel> = {}): Channel => ({
  ...CHANNEL_DEFAULTS,
  ...{ id, org: 'org', name: id, type: 'log', source: 'api', events: [], metadata: {} },
  ...more,
});

test.each([
  ['everything that is not routine', {}, 'budget_threshold', 'info', true],
  ['nothing routine', {}, 'run_finished', 'info', false],
  ['a run with failures', {}, 'run_finished', 'warning', true],
  ['what it names, routine or not', { events: ['run_finished'] }, 'run_finished', 'info', true],
  ['nothing that it does not name', { events: ['run_finished'] }, 'run_failed', 'critical', false],
  ['nothing that matters less', { minimumSeverity: 'warning' }, 'user_limit', 'info', false],
  ['what matters as much', { minimumSeverity: 'warning' }, 'run_failed', 'warning', true],
  ['nothing while it is off', { enabled: false }, 'run_failed', 'critical', false],
] as const)('a channel is told of %s', (_, more, type, severity, told) => {
  expect(wants(channel('a', more as Partial<Channel>), { type, severity })).toBe(told);
});

test.each([
  ['budget_threshold', 0.5, ['warning']],
  ['budget_threshold', 0.9, ['throttle']],
  ['budget_threshold', 1, ['block']],
  ['user_limit', 1, ['block']],
  ['budget_reset', undefined, ['reset']],
  ['forecast_overrun', undefined, []],
] as const)('of a budget, %s at %s goes to the notifications for %j', (type, threshold, events) => {
  const notifications = (['warning', 'throttle', 'block', 'reset'] as const).map((event) => ({
    ...{ type: 'log' as const, target: event, events: [event], enabled: true, metadata: {} },
  }));
  const budget = { id: 'bud_1', org: 'org', name: 'B', thresholds: DEFAULT_THRESHOLDS, notifications };
  const found = budgetChannels(budget as never, { type, data: { threshold } });
  expect(found.map(({ target }) => target)).toEqual(events);
});

test('e-mail stands in for Slack and Slack for e-mail, unless a channel names another', () => {
  const slack = channel('slack', { type: 'slack' });
  const off = channel('off', { type: 'email', enabled: false });
  const mail = channel('mail', { type: 'email' });
  const hook = channel('hook', { type: 'webhook', fallback: 'slack' });
  const all = [off, slack, mail, hook];
  expect(fallbackOf(slack, all)?.id).toBe('mail');
  expect(fallbackOf(mail, all)?.id).toBe('slack');
  expect(fallbackOf(hook, all)?.id).toBe('slack');
  expect(fallbackOf(channel('other', { type: 'webhook' }), all)).toBeUndefined();
  expect(fallbackOf({ ...slack, fallback: 'gone' }, all)).toBeUndefined();
});
