import { setTimeout as sleep } from 'node:timers/promises';
import { JOB } from './costing-routes.ts';

type Send = <T>(method: string, path: string, body?: unknown) => Promise<{ status: number; body: T }>;

export const BUDGET = {
  name: 'reports',
  scope: { queue: 'reports-of-budgets' },
  period: { type: 'monthly' },
  amountUsd: 0.000001,
  breaker: true,
};
export const RAISE = { amountUsd: 1, reason: 'month end' };
export const CLOSE = { reason: 'looked at it' };

/** Each route of budgets, once with success. */
export async function useBudgetRoutes(send: Send): Promise<void> {
  await send('POST', '/budgets/validate', BUDGET);
  const { body } = await send<{ id: string }>('POST', '/budgets', BUDGET);
  await send('GET', '/budgets');
  await send('GET', `/budgets/${body.id}`);
  await send('POST', '/budgets/check', { queue: 'reports-of-budgets' });
  await send('POST', '/costs/jobs', { ...JOB, jobId: 'of-budgets', queueName: 'reports-of-budgets' });
  await untilOpen(send, body.id);
  await send('POST', `/budgets/${body.id}/close-breaker`, CLOSE);
  await send('POST', `/budgets/${body.id}/raise`, RAISE);
  await send('PATCH', `/budgets/${body.id}`, { amountUsd: 5 });
  await send('GET', `/budgets/${body.id}/audit`);
  await send('DELETE', `/budgets/${body.id}`);
}

/** What was spent is counted within a moment. */
async function untilOpen(send: Send, id: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const { body } = await send<{ status: string }>('GET', `/budgets/${id}/status`);
    if (body.status === 'circuit_open') return;
    await sleep(100);
  }
  throw new Error('the breaker did not open');
}
