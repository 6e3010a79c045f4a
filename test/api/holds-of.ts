import type { ApiEntry, ApiHold } from '../../api/hold-schemas.ts';
import type { BudgetNumbers } from '../../domain/errors.ts';
import { newBudget } from '../store/money.ts';
import type { Bursar } from '../support/bursar.ts';
import type { ErrorBody, OpenStore } from './second-organization.ts';

export const USD = 1e9;

export interface Charged {
  hold: ApiHold;
  entry: ApiEntry;
}
export type Failure = ErrorBody & { error: { details?: Partial<BudgetNumbers>[] } };

/** Asks for holds of one team, and settles them: scopes of their own keep tests apart. */
export function holdsOf(bursar: Pick<Bursar, 'client'>, opened: OpenStore, team: string) {
  const { send, get } = bursar.client;
  return {
    budget: (usd: number, more: object = {}) =>
      newBudget(opened, usd * USD, { name: `budget of ${team}`, scope: { team }, ...more }),
    ask: <T = ApiHold>(amountUsd: unknown, more: object = {}, headers = {}) =>
      send<T>('POST', '/holds', { scope: { team }, amountUsd, ...more }, headers),
    charge: <T = Charged>(id: string, body: object) => send<T>('POST', `/holds/${id}/entries`, body),
    release: <T = ApiHold>(id: string) => send<T>('DELETE', `/holds/${id}`),
    all: async () =>
      (await get<{ holds: ApiHold[] }>('/holds?limit=100')).holds.filter(({ scope }) => scope.team === team),
  };
}
