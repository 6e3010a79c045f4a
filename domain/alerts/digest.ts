import { count } from '../message.ts';
import { type Alert, noticeOf } from './alert.ts';
import { type Notice, SEVERITIES } from './notice.ts';

/** More are only counted. */
const LISTED = 50;

/** One notice that tells of several alerts. */
export function digestOf(alerts: Alert[], id: string, at: Date): Notice {
  const notices = alerts.map((alert) => noticeOf(alert, alert.id));
  const severity = SEVERITIES[Math.max(...notices.map((each) => SEVERITIES.indexOf(each.severity)), 0)];
  const listed = notices.slice(0, LISTED).map((notice) => `${notice.at}: ${notice.title}`);
  const more = notices.length - listed.length;
  return {
    id,
    type: 'digest',
    severity: severity ?? 'info',
    title: count(alerts.length, 'alert'),
    text: [...listed, ...(more > 0 ? [`and ${more} more; \`bursar alerts list\` shows all`] : [])].join(
      '\n\n',
    ),
    facts: [],
    data: { alerts: alerts.map(({ id: alertId, type }) => ({ alertId, type })) },
    at: at.toISOString(),
  };
}
