import { isTimeZone, wallMsAt } from '../budgets/zones.ts';
import type { ErrorDetail } from '../errors.ts';
import type { RunRequest } from '../run-request.ts';
import { cronMatches, cronProblem } from './cron.ts';

/** What happens to a start that comes while the run before it is still going. */
export const OVERLAPS = ['skip', 'buffer_one', 'buffer_all', 'cancel_other', 'allow_all'] as const;
export type Overlap = (typeof OVERLAPS)[number];

/** What an organization has asked to be started again and again. */
export interface ScheduleTerms {
  name: string;
  request: RunRequest;
  /** Five fields. */
  cron: string;
  /** IANA name; in it the expression is read. */
  timeZone: string;
  overlap: Overlap;
  /** Starts that were missed by more are left out. */
  catchupWindowSeconds: number;
  /** Each start is put off by up to so much, by chance. */
  jitterSeconds?: number;
  startAt?: Date;
  endAt?: Date;
}

export const SCHEDULE_DEFAULTS = { overlap: 'skip', catchupWindowSeconds: 3_600 } as const;
/** Temporal takes no less. */
export const MIN_CATCHUP_SECONDS = 10;
export const MAX_CATCHUP_SECONDS = 366 * 86_400;
export const MAX_JITTER_SECONDS = 3_600;
/** Times of one backfill. */
export const MAX_BACKFILL = 100;
/** How many starts are foretold. */
export const NEXT_TIMES = 5;

/** A time zone as its list spells it: our machine takes `europe/berlin` too, Temporal's does not. */
export function spelledZone(timeZone: string): string {
  const asked = timeZone.toLowerCase();
  if (asked === 'utc') return 'UTC';
  return Intl.supportedValuesOf('timeZone').find((name) => name.toLowerCase() === asked) ?? timeZone;
}

const MINUTE_MS = 60_000;

/** The time that a start was meant for which has been put off by chance: Temporal tells when it comes. */
export function meantTime(
  { cron, timeZone, jitterSeconds = 0 }: Pick<ScheduleTerms, 'cron' | 'timeZone' | 'jitterSeconds'>,
  at: Date,
): Date {
  if (jitterSeconds === 0) return at;
  const last = Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS;
  for (let ms = last; ms >= last - jitterSeconds * 1000 - MINUTE_MS; ms -= MINUTE_MS)
    if (cronMatches(cron, new Date(wallMsAt(ms, timeZone)))) return new Date(ms);
  return at;
}

/** Everything that is wrong with when a schedule starts something. */
export function scheduleProblems(
  terms: Pick<ScheduleTerms, 'cron' | 'timeZone' | 'startAt' | 'endAt'>,
  now: Date,
): ErrorDetail[] {
  const { timeZone, startAt, endAt } = terms;
  const problems: ErrorDetail[] = [];
  const wrong = (field: string, problem: string) => problems.push({ field, problem });
  const cron = cronProblem(terms.cron);
  if (cron !== undefined) wrong('cron', cron);
  if (!isTimeZone(timeZone))
    wrong('timeZone', `'${timeZone}' is not the IANA name of a time zone, such as Europe/Berlin`);
  if (endAt !== undefined && endAt <= now) wrong('endAt', 'lies in the past: nothing would ever be started');
  else if (startAt !== undefined && endAt !== undefined && endAt <= startAt)
    wrong('endAt', 'must be after startAt');
  return problems;
}
