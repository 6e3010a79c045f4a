import type { Hold } from '../client/money.ts';
import { scopeText } from './budgets.ts';
import { localTime, usd } from './format.ts';
import type { Style } from './style.ts';
import { type TableColumn, tableLines } from './table.ts';

const COLUMNS: TableColumn[] = [
  { title: 'hold' },
  { title: 'owner' },
  { title: 'scope' },
  { title: 'amount', align: 'right' },
  { title: 'left', align: 'right' },
  { title: 'in flight', align: 'right' },
  { title: 'state' },
  { title: 'expires' },
];

/** Holds as a table. */
export function holdTable(holds: Hold[], style: Style): string[] {
  const rows = holds.map((hold) => {
    const { id, owner, scope, amountUsd, leftUsd, inFlightUsd } = hold;
    const amounts = [amountUsd, leftUsd, inFlightUsd].map(usd);
    return [id, owner, scopeText(scope as never), ...amounts, stateText(hold, style), expiryText(hold)];
  });
  return tableLines(COLUMNS, rows, style.bold);
}

/** One hold in full. */
export function holdLines(hold: Hold, style: Style): string[] {
  const passes = hold.past.map(({ way, budgetId, reason }) => {
    return `${budgetId} (${way.replace('_', ' ')}${reason === '' ? '' : `: ${reason}`})`;
  });
  const facts: [string, string][] = [
    ['hold', hold.id],
    ['owner', hold.owner === 'api' ? `api, asked for by ${hold.createdBy ?? 'nobody known'}` : hold.owner],
    ['state', stateText(hold, style)],
    ['scope', scopeText(hold.scope as never)],
    ['amount', usd(hold.amountUsd)],
    ['left', usd(hold.leftUsd)],
    ['flight', hold.inFlightUsd > 0 ? `${usd(hold.inFlightUsd)} for calls under way` : ''],
    ['created', localTime(hold.createdAt)],
    ['expires', expiryText(hold)],
    ['closed', hold.closedAt === null ? '' : localTime(hold.closedAt)],
    ['from', hold.periods.join(', ') || 'no budget: none matches its scope'],
    ['passes', passes.join(', ')],
  ];
  return facts.filter(([, value]) => value !== '').map(([name, value]) => `${name.padEnd(8)} ${value}`);
}

function stateText({ state }: Hold, style: Style): string {
  if (state === 'open') return style.good(state);
  return state === 'stale' ? style.warning('stale (budgets have changed)') : style.faint(state);
}

/** A hold under no budget is good for ever. */
function expiryText({ expiresAt }: Hold): string {
  return expiresAt.startsWith('9999') ? 'never' : localTime(expiresAt);
}
