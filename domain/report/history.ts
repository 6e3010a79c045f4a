/** What happened to runs and budgets in a period: waits, ways past, thresholds. Nano-dollars. */

/** Why runs waited: how many did, and how long in all. */
export type Waits = Map<string, { runs: number; ms: number }>;

interface Change {
  state: string;
  waitReason?: string;
  at: Date;
}

/** Adds the waits of a run, from its changes of state; a wait that goes on lasts until `until`. */
export function addWaits(waits: Waits, history: readonly Change[], until: Date): void {
  const ofRun = new Map<string, number>();
  for (const [index, { state, waitReason, at }] of history.entries()) {
    if (state !== 'waiting' || waitReason === undefined) continue;
    const end = history[index + 1]?.at ?? until;
    ofRun.set(waitReason, (ofRun.get(waitReason) ?? 0) + Math.max(0, end.getTime() - at.getTime()));
  }
  for (const [reason, ms] of ofRun) {
    const sum = waits.get(reason) ?? { runs: 0, ms: 0 };
    waits.set(reason, { runs: sum.runs + 1, ms: sum.ms + ms });
  }
}

/** The events of the audit log that a report tells of, and the name of each there. */
export const REPORTED_EVENTS = {
  raised: 'raises',
  bypassed: 'bypasses',
  emergency: 'emergencies',
  grace_started: 'grace',
  overrun: 'overruns',
  warning: 'warnings',
  throttle: 'throttles',
  block: 'blocks',
  breaker_opened: 'breakers',
} as const;

type Named = (typeof REPORTED_EVENTS)[keyof typeof REPORTED_EVENTS];

/** A row of the audit log. */
export interface AuditFacts {
  event: keyof typeof REPORTED_EVENTS;
  budget: string;
  subject?: string;
  by: string;
  reason?: string;
  details?: Record<string, unknown>;
  at: Date;
}

export interface EventSums {
  /** Each subject once: a hold under three budgets passes them with the same money. */
  byName: Map<Named, Map<string, number | undefined>>;
  newest: AuditFacts[];
}

const MOST_EVENTS = 50;
/** What budgets do by themselves at a threshold is counted; what let money pass is told one by one. */
const TOLD: ReadonlySet<string> = new Set(['raised', 'bypassed', 'emergency', 'grace_started', 'overrun']);

export function emptyEvents(): EventSums {
  return { byName: new Map(), newest: [] };
}

/** Adds a row; they come the newest first. */
export function addEvent(sums: EventSums, row: AuditFacts, id: string): void {
  const name = REPORTED_EVENTS[row.event];
  const subjects = sums.byName.get(name) ?? new Map<string, number | undefined>();
  sums.byName.set(name, subjects);
  const key = row.event === 'bypassed' || row.event === 'emergency' ? ownerOf(row.subject ?? id) : id;
  const [before, more] = [subjects.get(key), amountOf(row)];
  const isNew = !subjects.has(key);
  subjects.set(key, more === undefined ? before : Math.max(before ?? 0, more));
  if (isNew && TOLD.has(row.event) && sums.newest.length < MOST_EVENTS) sums.newest.push(row);
}

/** The run of a hold `RUN:scope:number`; a hold of the API is its own. */
function ownerOf(subject: string): string {
  return subject.split(':')[0] ?? subject;
}

/** Of an overrun what came on top; of the others what they let pass. */
export function amountOf({ event, details = {} }: AuditFacts): number | undefined {
  const number = (name: string) =>
    typeof details[name] === 'number' ? (details[name] as number) : undefined;
  if (event !== 'overrun') return number('amountNanoUsd') ?? number('graceNanoUsd');
  return number('beyondNanoUsd') ?? Math.max(0, (number('costNanoUsd') ?? 0) - (number('worstNanoUsd') ?? 0));
}
