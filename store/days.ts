import { localDay } from '../domain/budgets/zones.ts';

/** A changed time zone counts everywhere so long after it. */
const KEPT_MS = 10_000;

/** The day of a time in an organization's time zone, YYYY-MM-DD. */
export function createDays(timeZoneOf: (org: string) => Promise<string>) {
  const known = new Map<string, { zone: string; until: number }>();
  return async (org: string, at: Date): Promise<string> => {
    const before = known.get(org);
    if (before !== undefined && before.until > Date.now()) return localDay(at, before.zone);
    const zone = await timeZoneOf(org);
    known.set(org, { zone, until: Date.now() + KEPT_MS });
    return localDay(at, zone);
  };
}
