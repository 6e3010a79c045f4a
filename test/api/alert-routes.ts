import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../../store/index.ts';
import { JOB } from './costing-routes.ts';

type Send = <T = { id: string }>(
  method: string,
  path: string,
  body?: unknown,
) => Promise<{ status: number; body: T }>;
type Alerts = { alerts: { id: string; state: string }[] };

const LIMIT_MS = 20_000;

/** Each route of alerts: a threshold is crossed, told of, snoozed, and taken note of. */
export async function useAlertRoutes(send: Send): Promise<void> {
  const queue = 'of-alerts';
  const budget = { name: 'alerts', scope: { queue }, period: { type: 'yearly' }, amountUsd: 0.15 };
  const { id } = (await send('POST', '/budgets', { ...budget, alertAt: [0.5] })).body;
  await send('POST', '/costs/jobs', { ...JOB, jobId: 'of-alerts', queueName: queue, cpuTime: 1000 });
  const path = `/alerts?type=budget_threshold&budget=${id}`;
  const deadline = Date.now() + LIMIT_MS;
  let found = (await send<Alerts>('GET', path)).body.alerts;
  for (; found.length === 0 && Date.now() < deadline; found = (await send<Alerts>('GET', path)).body.alerts)
    await sleep(100);
  const alert = `/alerts/${found[0]?.id}`;
  await send('GET', alert);
  await send('POST', `${alert}/snooze`, { minutes: 5 });
  await send('POST', `${alert}/acknowledge`);
  await send('POST', `${alert}/snooze`, { minutes: 5 });
  // What happened and is over cannot be taken note of.
  const { alerts } = (await send<Alerts>('GET', '/alerts?state=resolved&type=budget_reset')).body;
  await send('POST', `/alerts/${alerts[0]?.id}/acknowledge`, { note: 'too late' });
}

/** An open alert of an organization. @returns its id. */
export async function raiseAlert(store: Store, org: string): Promise<string> {
  const text = { title: 'Something', text: 'It happened.', facts: [], data: {} };
  const key = `test:${Date.now()}`;
  await store.alerts.raise([{ org, type: 'anomaly', key, severity: 'warning', ...text, at: new Date() }]);
  const { rows } = await store.alerts.list(org, { type: 'anomaly' }, { limit: 1 });
  return rows[0]?.id ?? '';
}
