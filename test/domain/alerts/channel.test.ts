import { retryCountOf } from '../../../domain/alerts/channel.ts';
import { secretsIn, shownTarget } from '../../../domain/alerts/channel-secrets.ts';
import { presetChannels, toldChannels } from '../../../domain/alerts/preset-channels.ts';
import { fillTemplate, unknownPlaceholders } from '../../../domain/alerts/template.ts';

const terms = (name: string) => ({
  name,
  type: 'log' as const,
  target: '',
  events: [],
  minimumSeverity: 'info' as const,
  enabled: true,
  digest: 'off' as const,
  maximumPerHour: 60,
  metadata: {},
});

test.each([
  ['slack', 'https://hooks.slack.com/services/T00/B00/abcdefgh', 'https://hooks.slack.com/…efgh'],
  ['slack', '#ops', '#ops'],
  ['webhook', 'https://x.de/hooks/budget', 'https://x.de/hooks/budget'],
  ['webhook', 'https://x.de/hooks/0123456789abcdef', 'https://x.de/hooks/…'],
  ['webhook', 'https://x.de/a?token=x&b=y', 'https://x.de/a?token=…&b=…'],
  ['email', 'ops@example.com', 'ops@example.com'],
] as const)('of %s %s people are shown %s', (type, target, shown) => {
  expect(shownTarget({ type, target })).toBe(shown);
  expect(shownTarget({ type, target: shown })).toBe(shown);
});

test('the secrets of a type are known by name, and the address of a Slack webhook is one', () => {
  const metadata = { bot_token: 'a', secret: 'b', auth_header: 'c', username: 'd' };
  expect(secretsIn({ type: 'slack', target: 'https://x.de', metadata })).toEqual({
    bot_token: 'a',
    target: 'https://x.de',
  });
  expect(secretsIn({ type: 'webhook', target: 'https://x.de', metadata })).toEqual({
    secret: 'b',
    auth_header: 'c',
  });
});

test.each([
  [undefined, 3],
  [0, 0],
  [5, 5],
  [99, 10],
  [-1, 3],
  ['7', 3],
  [1.5, 3],
])('retry_count %p is %i', (retry_count, count) => {
  expect(retryCountOf({ metadata: { retry_count } })).toBe(count);
});

test('a template names what there is; a value in braces is no place to fill', () => {
  expect(unknownPlaceholders('{{title}} {{ text }} {{titel}} {{}}')).toEqual(['titel', '']);
  const values = { title: '{{text}} $& $1', text: 'b', severity: '', facts: '', link: '', type: '', at: '' };
  expect(fillTemplate('{{title}}/{{ text }}/{{toString}}', values)).toBe('{{text}} $& $1/b/');
});

test('where no channel is enabled the log is told', () => {
  expect(toldChannels('acme', [])).toMatchObject([{ type: 'log', org: 'acme' }]);
  const [off] = presetChannels({ org: 'acme', configured: [{ ...terms('a'), enabled: false }] });
  expect(toldChannels('acme', off === undefined ? [] : [off])).toMatchObject([{ id: 'chn_log' }]);
});

test('what is preset wrongly is named by its place, all at once', () => {
  const wrong = { ...terms('a'), type: 'email' as const, target: 'x' };
  const make = () =>
    presetChannels({
      org: 'o',
      configured: [terms('A!'), wrong],
      ADMIN_EMAIL: 'nobody',
      SLACK_CHANNEL_ALERTS: 'x',
    });
  expect(make).toThrow(
    expect.objectContaining({
      code: 'invalid_input',
      details: [
        { field: 'notificationChannels.1.target', problem: expect.any(String) },
        { field: 'notificationChannels.1.name', problem: expect.any(String) },
        { field: 'ADMIN_EMAIL', problem: expect.any(String) },
        { field: 'SLACK_CHANNEL_ALERTS', problem: expect.any(String) },
      ],
    }),
  );
});
