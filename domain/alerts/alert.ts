import type { Notice, Severity } from './notice.ts';

/** Everything that people are told of by itself. */
export const ALERT_TYPES = [
  'budget_threshold',
  'user_limit',
  'budget_reset',
  'forecast_overrun',
  'anomaly',
  'breaker_opened',
  'breaker_closed',
  'breaker_long_open',
  'ledger_difference',
  'run_failed',
  'run_waiting',
  'run_finished',
  'price_unknown',
  'schedule_failed',
  'worker_missing',
  'queue_long',
  'enrichment_failures',
] as const;
export type AlertType = (typeof ALERT_TYPES)[number];
/** What channels may be set for: alerts, and the report of each month. */
export const CHANNEL_EVENTS = [...ALERT_TYPES, 'report'] as const;

/** What an alert is about. */
interface AlertSubject {
  budget?: string;
  run?: string;
}

/** Something that people should know, before it is stored. */
export interface NewAlert extends AlertSubject {
  org: string;
  type: AlertType;
  /** What it says, among all of its organization and type: the same key is never raised twice. */
  key: string;
  /** It holds until it is resolved, and may come again after that. */
  lasting?: boolean;
  severity: Severity;
  title: string;
  text: string;
  facts: Notice['facts'];
  /** For machines. Amounts in USD. */
  data: Record<string, unknown>;
  at: Date;
}

export interface AlertChange {
  at: Date;
  event: 'raised' | 'acknowledged' | 'snoozed' | 'resolved';
  /** An API key's id, or `system`. */
  by: string;
  note?: string;
}

/** Alerts are open until somebody has taken note of them, or what they tell of is over. */
export const ALERT_STATES = ['open', 'acknowledged', 'resolved'] as const;

/** An alert as stored. */
export interface Alert extends NewAlert {
  id: string;
  state: (typeof ALERT_STATES)[number];
  raisedAt: Date;
  resolvedAt?: Date;
  /** Until then nobody is told of it; if it is open then, people are told again. */
  snoozedUntil?: Date;
  /** How often people were told of it. */
  round: number;
  history: AlertChange[];
}

/** What people get to read of an alert, again or for the first time; of a resolved one, that it is over. */
export function noticeOf(alert: Alert, id: string, again = false): Notice {
  const { resolvedAt, severity, title, facts, data } = alert;
  const subject = { ...(alert.budget && { budgetId: alert.budget }), ...(alert.run && { runId: alert.run }) };
  const state = { alertId: alert.id, alertState: alert.state, raisedAt: alert.raisedAt.toISOString() };
  return {
    id,
    type: alert.type,
    severity: resolvedAt === undefined ? severity : 'info',
    title: `${resolvedAt !== undefined ? 'Resolved: ' : again ? 'Still open: ' : ''}${title}`,
    text: alert.text,
    facts,
    data: { ...state, ...(resolvedAt && { resolvedAt: resolvedAt.toISOString() }), ...subject, ...data },
    at: (resolvedAt ?? alert.raisedAt).toISOString(),
  };
}
