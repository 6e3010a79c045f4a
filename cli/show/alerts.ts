import type { AlertDetail, AlertList } from '../client/alerts.ts';
import { shorten } from './format.ts';
import type { Style } from './style.ts';
import { tableLines } from './table.ts';

const TITLE_WIDTH = 70;

/** Alerts as a table, the newest first. */
export function alertTable(alerts: AlertList['alerts'], style: Style): string[] {
  const columns = ['alert', 'raised', 'severity', 'state', 'what'].map((title) => ({ title }));
  const rows = alerts.map(({ id, raisedAt, severity, state, snoozedUntil, title }) => [
    id,
    minuteOf(raisedAt),
    severity,
    snoozedUntil === null || state !== 'open' ? state : `until ${minuteOf(snoozedUntil)}`,
    shorten(title, TITLE_WIDTH),
  ]);
  return tableLines(columns, rows, style.bold);
}

/** One alert in full: what it says, what was done about it, whom it has reached. */
export function alertLines(alert: AlertDetail, style: Style): string[] {
  return [
    style.bold(alert.title),
    alert.text,
    '',
    ...alert.facts.map(({ name, value }) => `${name.padEnd(12)} ${value}`),
    '',
    ...alert.history.map(({ at, event, by, note }) =>
      [minuteOf(at), event.padEnd(12), by, ...(note === null ? [] : [note])].join('  '),
    ),
    '',
    ...(alert.deliveries.length === 0
      ? ['It was sent nowhere.']
      : tableLines(
          ['channel', 'type', 'state', 'attempts', 'how it went'].map((title) => ({ title })),
          alert.deliveries.map((delivery) => [
            delivery.channelName,
            delivery.channelType,
            delivery.dueAt === null ? delivery.state : `held until ${minuteOf(delivery.dueAt)}`,
            String(delivery.attempts),
            delivery.detail ?? '–',
          ]),
          style.bold,
        )),
  ];
}

/** `2026-11-27 09:21` in UTC. */
function minuteOf(time: string): string {
  return time.slice(0, 16).replace('T', ' ');
}
