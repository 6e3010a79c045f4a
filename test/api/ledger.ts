import type { Bursar } from '../support/bursar.ts';

export interface LedgerCheck {
  differences: { kind: string; id: string; unit: string; stored: number; computed: number }[];
  periods: number;
  holds: number;
  entries: number;
  days: number;
  unposted: number;
  spentUsd: number;
}

/** Folds all, and computes every counter anew. */
export function checkLedger(bursar: Pick<Bursar, 'client'>): Promise<LedgerCheck> {
  return bursar.client.get<LedgerCheck>('/ledger/check');
}
