import type { LedgerCheck } from '../client/money.ts';
import { plural, usd, wholeNumber } from './format.ts';
import type { Style } from './style.ts';
import { type TableColumn, tableLines } from './table.ts';

const COLUMNS: TableColumn[] = [
  { title: 'what' },
  { title: 'of' },
  { title: 'stored', align: 'right' },
  { title: 'computed', align: 'right' },
  { title: 'difference', align: 'right' },
];

/** What the check looked at, and each difference. */
export function ledgerLines(check: LedgerCheck, style: Style): string[] {
  const { differences, entries, holds, periods, days, unposted, spentUsd } = check;
  const looked = [
    plural(entries, 'entry', 'entries'),
    plural(holds, 'hold'),
    plural(periods, 'budget period'),
    plural(days, 'row of daily costs', 'rows of daily costs'),
  ];
  const waiting = unposted === 0 ? '' : `; ${plural(unposted, 'entry', 'entries')} not counted yet`;
  const facts = `${looked.join(', ')}: ${usd(spentUsd)} spent${waiting}.`;
  if (differences.length === 0) return [facts, style.good('Every counter is what entries and holds say.')];
  const rows = differences.map(({ kind, id, unit, stored, computed }) => {
    const show = (value: number) => (unit === 'usd' ? exactUsd(value) : wholeNumber(value));
    return [kind.replaceAll('_', ' '), id, show(stored), show(computed), show(stored - computed)];
  });
  return [
    facts,
    style.bad(`${plural(differences.length, 'counter')} not as entries and holds say:`),
    ...tableLines(COLUMNS, rows, style.bold),
  ];
}

/** To the nano-dollar: a difference may be as small as that. */
function exactUsd(amountUsd: number): string {
  const sign = amountUsd < 0 ? '-' : '';
  return `${sign}$${Math.abs(amountUsd).toFixed(9)}`;
}
