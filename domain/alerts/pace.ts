import { dayNumberOf, firstInstantOf, localDay, wallMsAt } from '../budgets/zones.ts';
import type { Channel } from './channel.ts';
import type { Severity } from './notice.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** When digests of a day are sent, in the organization's time zone. */
const DIGEST_HOUR = 8;

/**
 * When a notice may go over a channel: undefined for now, else the time at which it goes together with
 * others. What is critical never waits.
 */
export function heldUntil(of: {
  channel: Pick<Channel, 'quietHours' | 'digest' | 'maximumPerHour'>;
  severity: Severity;
  at: Date;
  /** How many notices went over the channel within the last hour. */
  sentLastHour: number;
  /** The organization's. */
  timeZone: string;
}): Date | undefined {
  const { channel, severity, at, sentLastHour, timeZone } = of;
  if (severity === 'critical') return undefined;
  const times = [
    ...(channel.quietHours === undefined ? [] : [endOfQuiet(channel.quietHours, at)]),
    channel.digest === 'off' ? undefined : nextDigest(channel.digest, at, timeZone),
    sentLastHour >= channel.maximumPerHour ? nextHour(at) : undefined,
  ].filter((time) => time !== undefined);
  return times.length === 0 ? undefined : new Date(Math.max(...times.map((time) => time.getTime())));
}

/** When the quiet hours end that hold now; undefined where none do. They may go over midnight. */
function endOfQuiet(quiet: NonNullable<Channel['quietHours']>, at: Date): Date | undefined {
  const [start, end] = [minutesOf(quiet.start), minutesOf(quiet.end)];
  const wall = wallMsAt(at.getTime(), quiet.timeZone);
  const now = Math.floor((wall % (24 * HOUR_MS)) / MINUTE_MS);
  const isQuiet = start <= end ? now >= start && now < end : now >= start || now < end;
  if (!isQuiet) return undefined;
  const day = dayOf(at, quiet.timeZone) + (now >= end ? 1 : 0);
  return atClock(day, end, quiet.timeZone);
}

function nextDigest(every: 'hourly' | 'daily', at: Date, timeZone: string): Date {
  if (every === 'hourly') return nextHour(at);
  const today = dayOf(at, timeZone);
  const due = atClock(today, DIGEST_HOUR * 60, timeZone);
  return due > at ? due : atClock(today + 1, DIGEST_HOUR * 60, timeZone);
}

function nextHour(at: Date): Date {
  return new Date((Math.floor(at.getTime() / HOUR_MS) + 1) * HOUR_MS);
}

function dayOf(at: Date, timeZone: string): number {
  return dayNumberOf(localDay(at, timeZone)) ?? 0;
}

/** When clocks there show so many minutes after midnight, also on a day on which they are changed. */
function atClock(day: number, minutes: number, timeZone: string): Date {
  const guess = firstInstantOf(day, timeZone) + minutes * MINUTE_MS;
  const wanted = day * 24 * HOUR_MS + minutes * MINUTE_MS;
  return new Date(guess - (wallMsAt(guess, timeZone) - wanted));
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
