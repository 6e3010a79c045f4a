import type { ApiRun } from '../../api/run-schemas.ts';
import { useBatchRoutes } from './batch-routes.ts';
import { useScheduleRoutes } from './schedule-routes.ts';

type Send = <T = ApiRun>(
  method: string,
  path: string,
  body?: unknown,
) => Promise<{ status: number; body: T }>;

export const APPROVAL = { hash: '0'.repeat(64) };
export const LIMIT = { maxCostUsd: 1 };
export const BYPASS = { reason: 'for once' };

/** A run that waits for its approval, gets a limit and may pass all budgets; and a batch of runs. */
export async function useRunMoneyRoutes(
  send: Send,
  projectId: string,
  untilWaiting: (id: string) => Promise<ApiRun>,
): Promise<void> {
  await send('PUT', '/admin/settings', { costWarningThreshold: 0.000_001 });
  const input = { projectId, layers: ['summary'] };
  const options = { maxCostUsd: 0.5 };
  const { body } = await send('POST', '/runs', { kind: 'documentation', input, options });
  const { cost } = await untilWaiting(body.id);
  await send('PUT', `/runs/${body.id}/limit`, LIMIT);
  await send('POST', `/runs/${body.id}/bypass`, BYPASS);
  await send('POST', `/runs/${body.id}/approve`, APPROVAL);
  await send('POST', `/runs/${body.id}/approve`, { hash: cost.estimateHash });
  await send('PUT', '/admin/settings', { costWarningThreshold: null });
  await useScheduleRoutes(send as never, projectId);
  await useBatchRoutes(send, projectId);
}
