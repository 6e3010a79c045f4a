import { metadataProblems } from '../alerts/metadata-problems.ts';
import { targetProblems } from '../alerts/target-problems.ts';
import type { ErrorDetail } from '../errors.ts';
import type { BudgetNotification } from './budget.ts';

const MAX_NOTIFICATIONS = 50;
/** Budgets are shown as they are, so nothing in them may let anybody in. */
const NO_SECRETS = { slackAddresses: false };

/** What is wrong with a budget's notifications, by the names that the API has for their fields. */
export function notificationProblems(notifications: BudgetNotification[]): ErrorDetail[] {
  const known = notifications.map(({ type, target }) => JSON.stringify([type, target]));
  const problems = notifications.flatMap((notification, at) => {
    const field = `notifications.${at}`;
    const same = known.indexOf(known[at] ?? '');
    if (same < at) return [{ field, problem: `has the type and target of notifications.${same}` }];
    return [
      ...targetProblems(`${field}.target`, notification, NO_SECRETS),
      ...eventProblems(`${field}.events`, notification.events),
      ...metadataProblems(`${field}.metadata`, notification.metadata),
    ];
  });
  if (notifications.length <= MAX_NOTIFICATIONS) return problems;
  return [{ field: 'notifications', problem: `must have at most ${MAX_NOTIFICATIONS} entries` }, ...problems];
}

function eventProblems(field: string, events: string[]): ErrorDetail[] {
  if (events.length === 0) return [{ field, problem: 'must name at least one event' }];
  return events.flatMap((event, at) =>
    events.indexOf(event) < at ? [{ field: `${field}.${at}`, problem: `${event} is named twice` }] : [],
  );
}
