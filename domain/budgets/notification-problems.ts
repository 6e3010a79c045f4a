import type { ErrorDetail } from '../errors.ts';
import type { BudgetNotification } from './budget.ts';

const MAX_NOTIFICATIONS = 50;
const MAX_TARGET = 2000;
const MAX_METADATA_CHARACTERS = 10_000;
const MAX_METADATA_DEPTH = 5;
const MAX_METADATA_PROBLEMS = 20;

/** What is wrong with a budget's notifications, by the names that the API has for their fields. */
export function notificationProblems(notifications: BudgetNotification[]): ErrorDetail[] {
  const known = notifications.map(({ type, target }) => JSON.stringify([type, target]));
  const problems = notifications.flatMap((notification, at) => {
    const field = `notifications.${at}`;
    const same = known.indexOf(known[at] ?? '');
    if (same < at) return [{ field, problem: `has the type and target of notifications.${same}` }];
    return [
      ...targetProblems(`${field}.target`, notification),
      ...eventProblems(`${field}.events`, notification.events),
      ...metadataProblems(`${field}.metadata`, notification.metadata),
    ];
  });
  if (notifications.length <= MAX_NOTIFICATIONS) return problems;
  return [{ field: 'notifications', problem: `must have at most ${MAX_NOTIFICATIONS} entries` }, ...problems];
}

function targetProblems(field: string, { type, target }: BudgetNotification): ErrorDetail[] {
  if (target.length > MAX_TARGET) return [{ field, problem: `must have at most ${MAX_TARGET} characters` }];
  if (type === 'email' && !EMAIL.test(target))
    return [{ field, problem: 'must be an e-mail address, like ops@example.com' }];
  if (type === 'slack' && !SLACK_CHANNEL.test(target))
    return [{ field, problem: 'must be a channel, like #ops or its id C0123456789' }];
  if (type === 'webhook' && !isWebAddress(target))
    return [{ field, problem: 'must be an http or https address, without a user name and password' }];
  return [];
}

const EMAIL =
  /^[^\s@<>,;:"()[\]\\]{1,64}@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/i;
const SLACK_CHANNEL = /^(#[\p{L}\p{N}._-]{1,80}|@[\w.-]{1,80}|[CDGU][A-Z0-9]{8,20})$/u;

function isWebAddress(target: string): boolean {
  if (!URL.canParse(target)) return false;
  const { protocol, username, password } = new URL(target);
  return ['http:', 'https:'].includes(protocol) && username === '' && password === '';
}

function eventProblems(field: string, events: string[]): ErrorDetail[] {
  if (events.length === 0) return [{ field, problem: 'must name at least one event' }];
  return events.flatMap((event, at) =>
    events.indexOf(event) < at ? [{ field: `${field}.${at}`, problem: `${event} is named twice` }] : [],
  );
}

function metadataProblems(field: string, metadata: Record<string, unknown>): ErrorDetail[] {
  const names = nameProblems(field, metadata, MAX_METADATA_DEPTH);
  if (names.length > 0) return names.slice(0, MAX_METADATA_PROBLEMS);
  if (JSON.stringify(metadata).length <= MAX_METADATA_CHARACTERS) return [];
  return [{ field, problem: `must have at most ${MAX_METADATA_CHARACTERS} characters as JSON` }];
}

/** Names must do as field names of the database, however deep they stand. */
function nameProblems(field: string, value: unknown, depth: number): ErrorDetail[] {
  if (typeof value !== 'object' || value === null) return [];
  if (depth === 0) return [{ field, problem: `must not be nested deeper than ${MAX_METADATA_DEPTH}` }];
  return Object.entries(value).flatMap(([name, inner]) => {
    const at = `${field}.${name.slice(0, 100)}`;
    if (Array.isArray(value) || /^[A-Za-z][\w-]{0,99}$/.test(name)) return nameProblems(at, inner, depth - 1);
    return [{ field: at, problem: 'must be named with letters, digits, _ and -, a letter first' }];
  });
}
