import { count } from '../message.ts';
import { formatUsd, toUsd } from '../money.ts';
import type { NewAlert } from './alert.ts';

/** A row of the audit log, as far as alerts see it. */
export interface AuditedEvent {
  _id: string;
  org: string;
  budget: string;
  subject?: string;
  event: string;
  by: string;
  reason?: string;
  details?: Record<string, unknown>;
  at: Date;
}

/** What is an alert too, of what the audit log holds; undefined for the rest. @param name the budget's. */
export function auditedAlert(row: AuditedEvent, name: string): NewAlert | undefined {
  const { org, budget, event, at, details = {} } = row;
  const common = { org, key: row._id, at, ...(budget !== '' && { budget }) };
  const [spent, amount] = [nanoUsd(details.spentNanoUsd), nanoUsd(details.amountNanoUsd)];
  const facts = [{ name: 'Budget', value: name }];
  const data = { budgetName: name, cause: details.cause ?? null };
  switch (event) {
    case 'breaker_opened':
      return {
        ...common,
        type: 'breaker_opened',
        severity: 'critical',
        title: `${name}: the circuit breaker has opened`,
        text:
          details.cause === 'velocity'
            ? 'Money was spent faster than the budget allows. New work under it waits.'
            : 'The whole amount is spent. New work under it waits until the period ends or it is closed.',
        facts: [
          ...facts,
          { name: 'Spent', value: formatUsd(spent) },
          { name: 'Amount', value: formatUsd(amount) },
        ],
        data: { ...data, period: row.subject ?? null, spentUsd: toUsd(spent), amountUsd: toUsd(amount) },
      };
    case 'breaker_closed':
      return {
        ...common,
        type: 'breaker_closed',
        severity: 'info',
        title: `${name}: the circuit breaker is closed again`,
        text: row.reason === undefined ? 'Work under it goes on.' : `Work goes on. Reason: ${row.reason}`,
        facts,
        data,
      };
    case 'reset':
      return {
        ...common,
        type: 'budget_reset',
        severity: 'info',
        title: `${name}: a new period has begun`,
        text: `It may spend ${formatUsd(amount)}.`,
        facts,
        data: { budgetName: name, amountUsd: toUsd(amount) },
      };
    case 'ledger_difference': {
      const differences = Number(details.count);
      return {
        ...common,
        type: 'ledger_difference',
        severity: 'critical',
        title: `The ledger has ${count(differences, 'difference')}`,
        text: 'Counters do not agree with the entries. `bursar doctor --ledger` lists and explains them.',
        facts: [{ name: 'Differences', value: String(differences) }],
        data: { count: differences },
      };
    }
    default:
      return undefined;
  }
}

function nanoUsd(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
