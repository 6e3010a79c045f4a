import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiBudget, ApiBudgetStatus, ApiDecision } from '../../api/budget-answers.ts';
import type { Bursar } from '../support/bursar.ts';
import type { OpenStore } from './second-organization.ts';

const USD = 1_000_000_000;
export type BudgetClient = ReturnType<typeof budgetClient>;

/** What tests do with budgets of the organization `default`, each on a queue of its own. */
export function budgetClient({ client }: Bursar, { store }: OpenStore) {
  let costs = 0;
  const check = (body: object, by = client) => by.post<ApiDecision>('/budgets/check', body);
  return {
    check,
    create: (queue: string, more: object = {}) =>
      client.post<ApiBudget>('/budgets', {
        name: queue,
        scope: { queue },
        period: { type: 'monthly' },
        amountUsd: 100,
        ...more,
      }),
    get: (id: string) => client.get<ApiBudget>(`/budgets/${id}`),
    statusOf: (id: string, query = '') => client.get<ApiBudgetStatus>(`/budgets/${id}/status${query}`),
    /** Something that was paid for elsewhere, and is counted when this returns. */
    async spend(queue: string, usd: number, user?: string): Promise<void> {
      costs += 1;
      const scope = { queue, ...(user !== undefined && { user }) };
      const amount = { costNanoUsd: usd * USD, components: { base: usd * USD } };
      await store.outsideCosts.post('default', 'job', [
        { id: `c${costs}`, scope, ...amount, at: new Date() },
      ]);
      await store.fold();
    },
    /** Asks until the answer is as wanted. @throws the last answer after a second and a half. */
    async within(wanted: (decision: ApiDecision) => boolean, body: object): Promise<ApiDecision> {
      const deadline = Date.now() + 1500;
      for (;;) {
        const decision = await check(body);
        if (wanted(decision)) return decision;
        if (Date.now() > deadline) throw new Error(JSON.stringify(decision));
        await sleep(20);
      }
    },
  };
}
