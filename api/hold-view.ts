import type { Scope } from '../domain/budgets/scope.ts';
import { AppError } from '../domain/errors.ts';
import { formatUsd, toUsd } from '../domain/money.ts';
import type { Entry } from '../store/entries.ts';
import type { Denial } from '../store/hold-claims.ts';
import type { Hold } from '../store/holds.ts';
import type { ApiEntry, ApiHold } from './hold-schemas.ts';

/** The owner of holds that were asked for over the API. */
export const API_OWNER = 'api';

export function toApiHold(hold: Hold): ApiHold {
  return {
    id: hold._id,
    owner: hold.owner,
    scope: hold.scope,
    amountUsd: toUsd(hold.amount),
    leftUsd: toUsd(hold.left),
    inFlightUsd: toUsd(hold.open.reduce((sum, { worst }) => sum + worst, 0)),
    state: hold.state,
    expiresAt: hold.validUntil.toISOString(),
    periods: hold.periods,
    past: hold.past.map(({ way, budget, reason }) => ({ way, budgetId: budget, reason })),
    createdBy: hold.createdBy ?? null,
    createdAt: hold.createdAt.toISOString(),
    closedAt: hold.closedAt?.toISOString() ?? null,
  };
}

/** @param owner of its hold, where it has one */
export function toApiEntry(entry: Entry & { scope: Scope }, owner: string | undefined): ApiEntry {
  const components = Object.entries(entry.components ?? {}).map(([name, cost]) => [name, toUsd(cost)]);
  return {
    id: entry.id,
    hold: entry.hold ?? null,
    run: owner === undefined || owner === API_OWNER ? null : owner,
    costUsd: toUsd(entry.costNanoUsd),
    usage: entry.usage ?? null,
    step: entry.step ?? null,
    flag: entry.flag ?? null,
    scope: entry.scope,
    components: components.length === 0 ? null : (Object.fromEntries(components) as Record<string, number>),
    at: entry.at.toISOString(),
    day: entry.day,
  };
}

/** A budget's no, with its numbers. */
export function toError(denial: Denial): AppError {
  const { reason, name, leftNanoUsd, neededNanoUsd, until } = denial;
  const open = reason === 'circuit_open';
  const problem = open
    ? `the circuit breaker of ${name} is open until ${until.toISOString()}`
    : `${name} has ${formatUsd(leftNanoUsd)} left, and ${formatUsd(neededNanoUsd)} is needed`;
  const numbers = {
    budgetId: denial.budget,
    budgetName: name,
    amountUsd: toUsd(denial.amountNanoUsd),
    committedUsd: toUsd(denial.committedNanoUsd),
    spentUsd: toUsd(denial.spentNanoUsd),
    leftUsd: toUsd(leftNanoUsd),
    neededUsd: toUsd(neededNanoUsd),
    until: until.toISOString(),
  };
  return new AppError(open ? 'circuit_open' : 'budget_exceeded', problem, {
    details: [{ field: 'budget', problem, ...numbers }],
  });
}
