/** Local days in IANA time zones, by `Intl` alone. A day is a number: days since 1970-01-01. */

const DAY_MS = 86_400_000;
const SECOND_MS = 1000;
/** No zone is or was further from UTC. */
const FURTHEST_MS = 16 * 3_600_000;

/** Formatters are slow to make. Bounded, because names are known in any mixture of upper and lower case. */
const FORMATTERS = new Map<string, Intl.DateTimeFormat>();
const MAX_FORMATTERS = 1000;

/** Whether this is the IANA name of a time zone that this machine knows. */
export function isTimeZone(name: string): boolean {
  // An offset like `+02:00` follows no daylight-saving time: a name is wanted.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    formatterOf(name);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** The day there, as `YYYY-MM-DD`. */
export function localDay(at: Date, timeZone: string): string {
  return new Date(wallMsAt(at.getTime(), timeZone)).toISOString().slice(0, 10);
}

/** The number of a day `YYYY-MM-DD`; undefined for what is no day of the calendar, like `2025-02-29`. */
export function dayNumberOf(day: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return undefined;
  const ms = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(ms) || toDay(ms / DAY_MS) !== day) return undefined;
  return ms / DAY_MS;
}

/** `YYYY-MM-DD` of a day's number. */
export function toDay(dayNumber: number): string {
  return new Date(dayNumber * DAY_MS).toISOString().slice(0, 10);
}

/** What the clocks there show, as the milliseconds at which UTC clocks show the same. */
export function wallMsAt(atMs: number, timeZone: string): number {
  if (timeZone === 'UTC') return atMs;
  return atMs + offsetMsAt(atMs, timeZone);
}

/**
 * When a local day begins: the first instant at which the clocks there show it, or a later day where there is
 * no such day. That is not always midnight, for clocks may be set forward over it; where they are set back
 * over it, the day begins the first time.
 */
export function firstInstantOf(dayNumber: number, timeZone: string): number {
  const wallMs = dayNumber * DAY_MS;
  if (timeZone === 'UTC') return wallMs;
  const before = offsetMsAt(wallMs - FURTHEST_MS, timeZone);
  const byOffsetBefore = wallMs - before;
  if (offsetMsAt(byOffsetBefore, timeZone) === before) return byOffsetBefore;
  const after = offsetMsAt(wallMs + FURTHEST_MS, timeZone);
  const byOffsetAfter = wallMs - after;
  const changed = changeOfOffset(wallMs - FURTHEST_MS, wallMs + FURTHEST_MS, timeZone);
  return Math.max(changed, byOffsetAfter);
}

/** The first instant after `fromMs` that has the offset of `toMs`, where it changes once between the two. */
function changeOfOffset(fromMs: number, toMs: number, timeZone: string): number {
  const before = offsetMsAt(fromMs, timeZone);
  let low = fromMs;
  let high = toMs;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetMsAt(middle, timeZone) === before) low = middle;
    else high = middle;
  }
  return high;
}

/** How far the clocks there are ahead of UTC. */
function offsetMsAt(atMs: number, timeZone: string): number {
  const [month, day, year, hour, minute, second] = formatterOf(timeZone)
    .format(atMs)
    .split(/\D+/)
    .map(Number) as [number, number, number, number, number, number];
  const wallMs = Date.UTC(year, month - 1, day, hour, minute, second);
  return wallMs - Math.floor(atMs / SECOND_MS) * SECOND_MS;
}

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = FORMATTERS.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  if (FORMATTERS.size >= MAX_FORMATTERS) FORMATTERS.clear();
  FORMATTERS.set(timeZone, made);
  return made;
}
