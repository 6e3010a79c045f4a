/** What is kept for so many days and then archived, beside the details of runs. */
export const RETAINED = ['jobs', 'alerts', 'audit_log'] as const;
export type Retained = (typeof RETAINED)[number];

/** For how many days each is kept; where nothing is said, for ever. */
export type RetentionDays = { [Name in Retained]?: number };

const DAY_MS = 86_400_000;
/** What was brought back is looked at: it stays for so long. */
const RESTORED_DAYS = 30;

/** Before this time is what goes into the archive. */
export function archivedBefore(days: number, at: Date): Date {
  return new Date(at.getTime() - days * DAY_MS);
}

/** What was restored before this time may be archived again. */
export function restoredBefore(at: Date): Date {
  return archivedBefore(RESTORED_DAYS, at);
}

/** The month that rows are archived by, YYYY-MM, UTC. */
export function monthOf(at: Date): string {
  return at.toISOString().slice(0, 7);
}

/** The days before and after a day, YYYY-MM-DD. */
export function besideDay(day: string): [string, string] {
  const ms = Date.parse(`${day}T00:00:00Z`);
  const dayAt = (offset: number) => new Date(ms + offset * DAY_MS).toISOString().slice(0, 10);
  return [dayAt(-1), dayAt(1)];
}
