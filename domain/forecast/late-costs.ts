import { WEEK } from './pattern.ts';
import { median } from './statistics.ts';

/** Costs that come later than so many days after their day are not waited for. */
export const LATE_DAYS = 3;
/** From fewer earlier days there is no telling how much is missing. */
const LEAST_DAYS = 5;
/** Missing less than this is nothing to mend. */
const COMPLETE = 0.98;
/** Weeks whose same day tells what is usual. */
const WEEKS = 4;

/**
 * How much of a day's costs is known soon after it: for yesterday, the day before, … the median of the shares
 * that were known of earlier days at that age. 1 where that cannot be told.
 * @param seen of some earlier days each: what was known of the days before it, yesterday first, and what is
 * known of the same days now.
 */
export function sharesKnown(seen: readonly { early: readonly number[]; now: readonly number[] }[]): number[] {
  return Array.from({ length: LATE_DAYS }, (_, age) => {
    const shares = seen.flatMap(({ early, now }) => {
      const [known, cost] = [early[age], now[age]];
      return known === undefined || cost === undefined || cost <= 0 ? [] : [known / cost];
    });
    return shares.length < LEAST_DAYS ? 1 : Math.min(1, Math.max(0, median(shares)));
  });
}

/**
 * A history whose newest days hold what they will hold when all of their costs have come; else every morning
 * would look like the end of all spending. Late costs explain what a day falls short of the usual: nothing is
 * made more than that.
 * @param reported shares of the newest days that are known, yesterday first.
 * @returns `missing`: what each day will still get
 */
export function reportedInFull(history: readonly number[], reported: readonly number[]) {
  const full = [...history];
  // The oldest first: what is usual is told by days that are whole.
  for (let age = Math.min(reported.length, history.length) - 1; age >= 0; age -= 1) {
    const at = history.length - 1 - age;
    const [share = 1, known = 0] = [reported[age], history[at]];
    if (share >= COMPLETE) continue;
    const inFull = known > 0 && share > 0 ? known / share : Number.POSITIVE_INFINITY;
    full[at] = Math.max(known, Math.min(inFull, usualAt(full, at)));
  }
  return { history: full, missing: full.map((value, at) => value - (history[at] ?? 0)) };
}

/** As on the same day of the weeks before; without a week, as on the days before. */
function usualAt(history: readonly number[], at: number): number {
  const same = Array.from({ length: WEEKS }, (_, week) => history[at - WEEK * (week + 1)]);
  const known = same.filter((value) => value !== undefined);
  return median(known.length > 0 ? known : history.slice(0, at));
}
