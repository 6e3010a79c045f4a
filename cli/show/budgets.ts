import { SCOPE_FIELDS, type Scope } from '../../domain/budgets/scope.ts';
import type { AuditPage, Budget, BudgetStatus } from '../client/money.ts';
import { localTime, percent, plural, usd } from './format.ts';
import type { Style } from './style.ts';
import { type TableColumn, tableLines } from './table.ts';

const COLUMNS: TableColumn[] = [
  { title: 'budget' },
  { title: 'name' },
  { title: 'scope' },
  { title: 'period' },
  { title: 'amount', align: 'right' },
  { title: 'spent', align: 'right' },
  { title: 'held', align: 'right' },
  { title: 'left', align: 'right' },
  { title: 'used', align: 'right' },
  { title: 'status' },
];

/** Budgets as a table. */
export function budgetTable(budgets: Budget[], style: Style): string[] {
  const rows = budgets.map((budget) => {
    const { id, name, amountUsd, current, status } = budget;
    const spending =
      current === null
        ? ['–', '–', '–', '–']
        : [
            ...[current.spentUsd, current.reservedUsd, current.leftUsd].map(usd),
            percent(current.utilization),
          ];
    return [
      id,
      name,
      scopeWithUsers(budget),
      periodText(budget),
      usd(amountUsd),
      ...spending,
      statusText(status, style),
    ];
  });
  return tableLines(COLUMNS, rows, style.bold);
}

/** One budget in full: how it stands, what was agreed, earlier periods. */
export function budgetLines(budget: Budget, status: BudgetStatus, style: Style): string[] {
  const { current } = status;
  const facts: [string, string][] = [
    ['budget', `${budget.id}, ${budget.name}`],
    ['status', `${statusText(budget.status, style)}: ${status.message}`],
    ['scope', scopeWithUsers(budget)],
    ['period', periodText(budget)],
    ['amount', amountText(budget, current)],
    ['spent', current === null ? '' : `${usd(current.spentUsd)} (${percent(current.utilization)})`],
    ['held', current === null ? '' : `${usd(current.reservedUsd)} by ${plural(status.holds.count, 'hold')}`],
    ['left', current === null ? '' : usd(current.leftUsd)],
    ['from', current === null ? '' : `${localTime(current.startsAt)} to ${localTime(current.endsAt)}`],
    ['marks', marksText(budget, status)],
    ['policy', policyText(budget)],
    ['breaker', breakerText(budget, status)],
    ['tags', budget.tags.join(', ')],
  ];
  const lines = facts
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name.padEnd(8)} ${value}`);
  return [...lines, ...periodLines(status, style)];
}

function periodLines({ periods }: BudgetStatus, style: Style): string[] {
  if (periods.length < 2) return [];
  const columns: TableColumn[] = [
    { title: 'earlier periods' },
    { title: 'user' },
    { title: 'amount', align: 'right' },
    { title: 'spent', align: 'right' },
    { title: 'used', align: 'right' },
  ];
  const rows = periods
    .slice(0, SHOWN_PERIODS)
    .map(({ startsAt, user, amountUsd, spentUsd, utilization }) => [
      localTime(startsAt),
      user ?? '–',
      usd(amountUsd),
      usd(spentUsd),
      percent(utilization),
    ]);
  return ['', ...tableLines(columns, rows, style.bold)];
}

const SHOWN_PERIODS = 12;

function amountText(budget: Budget, current: BudgetStatus['current']): string {
  if (current === null) return usd(budget.amountUsd);
  const parts = [
    current.rolledUsd > 0 ? `${usd(current.rolledUsd)} rolled over` : '',
    current.raisedUsd > 0 ? `${usd(current.raisedUsd)} raised` : '',
    current.graceUsd > 0 ? `${usd(current.graceUsd)} of grace` : '',
  ].filter((part) => part !== '');
  return [usd(budget.amountUsd), ...parts].join(' + ');
}

function marksText({ thresholds }: Budget, { thresholds: marks }: BudgetStatus): string {
  return (['warning', 'throttle', 'block'] as const)
    .map((name) => {
      const reached = marks?.[name].reached === true ? ' (reached)' : '';
      const at = marks === null ? '' : ` at ${usd(marks[name].atUsd)}`;
      return `${name} ${percent(thresholds[name])}${at}${reached}`;
    })
    .join(', ');
}

function policyText({ policy }: Budget): string {
  const { warnOnly, blockNewJobs, throttleFactor, allowEmergency, gracePeriodHours, graceMaximumUsd } =
    policy;
  const most = graceMaximumUsd === null ? '' : ` up to ${usd(graceMaximumUsd)}`;
  return [
    warnOnly ? 'only warns' : blockNewJobs ? 'refuses' : 'throttles and does not refuse',
    `throttles to ${percent(throttleFactor)}`,
    ...(allowEmergency ? ['lets emergencies pass'] : []),
    ...(gracePeriodHours > 0 ? [`${plural(gracePeriodHours, 'hour')} of grace${most}`] : []),
  ].join(', ');
}

function breakerText({ breaker }: Budget, { breaker: state }: BudgetStatus): string {
  if (breaker === null) return '';
  const { velocity, coolDownMinutes } = breaker;
  const speed =
    velocity === null
      ? ''
      : `, or at more than ${usd(velocity.usd)} in ${plural(velocity.minutes, 'minute')}`;
  const now = state === null || state.state === 'closed' ? 'closed' : state.state.replace('_', ' ');
  const until = state?.until ? ` until ${localTime(state.until)}` : '';
  return `${now}${until}; trips at 100%${speed}, cools down ${plural(coolDownMinutes, 'minute')}`;
}

/** The audit log as a table. */
export function auditTable(rows: AuditPage['rows'], style: Style): string[] {
  const columns: TableColumn[] = ['time', 'event', 'budget', 'concerns', 'by', 'why', 'details'].map(
    (title) => ({ title }),
  );
  const cells = rows.map(({ at, event, budgetId, subject, by, reason, details }) => [
    localTime(at),
    event.replaceAll('_', ' '),
    budgetId ?? '–',
    subject ?? '–',
    by,
    reason ?? '–',
    detailsText(details),
  ]);
  return tableLines(columns, cells, style.bold);
}

/** Plain values alone: what was before and after stands in `--json`. */
function detailsText(details: Record<string, unknown>): string {
  const parts = Object.entries(details).flatMap(([name, value]) => {
    if (typeof value === 'number' && name.endsWith('Usd')) return [`${name.slice(0, -3)} ${usd(value)}`];
    return typeof value === 'string' || typeof value === 'number' ? [`${name} ${value}`] : [];
  });
  return parts.join(', ');
}

/** `team=a, model=x`, or `everything`. */
export function scopeText(scope: Partial<Scope>): string {
  const parts = SCOPE_FIELDS.flatMap((field) =>
    scope[field] === undefined ? [] : [`${field}=${scope[field]}`],
  );
  return parts.length === 0 ? 'everything' : parts.join(', ');
}

function scopeWithUsers({ scope, per, current }: Budget): string {
  if (per === null) return scopeText(scope as Partial<Scope>);
  const users = current?.users ? ` (${plural(current.users, 'user')})` : '';
  return `${scopeText(scope as Partial<Scope>)}, each user${users}`;
}

function periodText({ period }: Budget): string {
  const { type, startDate, endDate, timeZone } = period;
  const days =
    type === 'custom'
      ? `${startDate} to ${endDate}`
      : [
          type,
          startDate === undefined ? '' : `from ${startDate}`,
          endDate === undefined ? '' : `to ${endDate}`,
        ]
          .filter((part) => part !== '')
          .join(' ');
  return timeZone === 'UTC' ? days : `${days} (${timeZone})`;
}

function statusText(status: Budget['status'], style: Style): string {
  const text = status.replace('_', ' ');
  if (status === 'ok') return style.good(text);
  if (status === 'blocked' || status === 'circuit_open') return style.bad(text);
  return status === 'warning' || status === 'throttled' ? style.warning(text) : style.faint(text);
}
