import { CHANNEL_DEFAULTS } from '../../../domain/alerts/channel.ts';
import { heldUntil } from '../../../domain/alerts/pace.ts';

const quietHours = { start: '22:00', end: '07:00', timeZone: 'Europe/Berlin' };
const at = (time: string, more: object = {}, rest: object = {}) =>
  heldUntil({
    ...{ channel: { ...CHANNEL_DEFAULTS, ...more }, severity: 'warning', sentLastHour: 0, timeZone: 'UTC' },
    ...{ at: new Date(time), ...rest },
  })?.toISOString();

test('is sent at once where nothing is said', () => {
  expect(at('2026-11-27T03:00:00Z')).toBeUndefined();
});

test('waits for the end of quiet hours that go over midnight, in their time zone', () => {
  expect(at('2026-11-27T20:59:59Z', { quietHours })).toBeUndefined();
  expect(at('2026-11-27T21:00:00Z', { quietHours })).toBe('2026-11-28T06:00:00.000Z');
  expect(at('2026-11-28T05:59:59Z', { quietHours })).toBe('2026-11-28T06:00:00.000Z');
  expect(at('2026-11-28T06:00:00Z', { quietHours })).toBeUndefined();
});

test('ends by the clock on the night on which clocks are set forward', () => {
  expect(at('2026-03-28T23:00:00Z', { quietHours })).toBe('2026-03-29T05:00:00.000Z');
});

test('waits for the digest of the hour or of the day', () => {
  expect(at('2026-11-27T09:10:00Z', { digest: 'hourly' })).toBe('2026-11-27T10:00:00.000Z');
  expect(at('2026-11-27T07:59:00Z', { digest: 'daily' })).toBe('2026-11-27T08:00:00.000Z');
  const inTokyo = { timeZone: 'Asia/Tokyo' };
  expect(at('2026-11-27T07:59:00Z', { digest: 'daily' }, inTokyo)).toBe('2026-11-27T23:00:00.000Z');
});

test('waits for the next hour where too much was sent in this one', () => {
  const channel = { maximumPerHour: 3 };
  expect(at('2026-11-27T09:10:00Z', channel, { sentLastHour: 2 })).toBeUndefined();
  expect(at('2026-11-27T09:10:00Z', channel, { sentLastHour: 3 })).toBe('2026-11-27T10:00:00.000Z');
});

test('never waits where it is critical', () => {
  const all = { quietHours, digest: 'daily', maximumPerHour: 1 };
  expect(at('2026-11-27T23:00:00Z', all, { severity: 'critical', sentLastHour: 9 })).toBeUndefined();
});
