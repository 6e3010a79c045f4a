import type { ApiBatch } from '../../api/batch-schemas.ts';

type Send = <T>(method: string, path: string, body?: unknown) => Promise<{ status: number; body: T }>;

export const BATCH_APPROVAL = { hash: 'f'.repeat(64) };

/** A batch of one run over a project. */
export const batchOf = (projectId: string, more: object = {}) => ({
  defaults: { kind: 'documentation', input: { projectId, layers: ['summary'] } },
  runs: [{ externalId: 'one' }],
  ...more,
});

/** Each route of batches, with success and with what contradicts the present state. */
export async function useBatchRoutes(send: Send, project: string): Promise<void> {
  const batch = batchOf(project, { name: 'every route' });
  await send('POST', '/batches/estimate', batch);
  await send('PUT', '/admin/settings', { costWarningThreshold: 0.000001 });
  const { id } = (await send<ApiBatch>('POST', '/batches', batch)).body;
  await send('POST', '/batches', { ...batch, runs: [{ externalId: 'one', options: { concurrency: 1 } }] });
  await send('POST', `/batches/${id}/approve`, BATCH_APPROVAL);
  for (const part of ['', `/${id}`, `/${id}/runs`, `/${id}/results`]) await send('GET', `/batches${part}`);
  const waiting = await untilWaiting(send, id);
  await send('POST', `/batches/${id}/approve`, { hash: waiting.cost.estimateHash });
  await send('PUT', '/admin/settings', { costWarningThreshold: null });
  for (const control of ['pause', 'resume', 'cancel', 'pause', 'resume'])
    await send('POST', `/batches/${id}/${control}`);
  for (let left = 200; left > 0 && (await send('POST', `/batches/${id}/cancel`)).status !== 409; left -= 1)
    await new Promise((resolve) => setTimeout(resolve, 50));
}

async function untilWaiting(send: Send, id: string): Promise<ApiBatch> {
  for (let left = 200; left > 0; left -= 1) {
    const { body } = await send<ApiBatch>('GET', `/batches/${id}`);
    if (body.waitReason === 'approval') return body;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the batch does not wait for its approval');
}
