import { COMPANY } from './company-routes.ts';

type Send = <T = { id: string }>(
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<{ status: number; body: T }>;

const PAST = { type: 'custom', startDate: '2025-01-01', endDate: '2025-01-31' };
const LIMITLESS = { name: 'limitless', period: { type: 'monthly' }, amountUsd: 5 };

/** What contradicts the present state, or names what is not there. @param ended a run that has ended */
export async function useConflicts(send: Send, ended: string, projectId: string): Promise<void> {
  for (const control of ['pause', 'resume', 'cancel']) await send('POST', `/runs/${ended}/${control}`);
  for (const control of ['pause', 'resume']) await send('POST', `/documentation/jobs/${ended}/${control}`);
  await send('PUT', `/runs/${ended}/concurrency`, { concurrency: 2 });
  await send('PUT', `/runs/${ended}/limit`, { maxCostUsd: 1 });
  await send('POST', `/runs/${ended}/bypass`, { reason: 'for once' });
  await useKeysTwice(send, projectId);
  const nowhere = { kind: 'documentation', input: { projectId: 'prj_none' } };
  await send('POST', '/runs', nowhere);
  await send('POST', '/estimates', nowhere);
  await send('POST', '/documentation/jobs', { projectId: 'prj_none' });
  await useMoneyConflicts(send, ended);
  const [one, other] = [
    await send('POST', '/companies', { ...COMPANY, name: 'One' }),
    await send('POST', '/companies', { ...COMPANY, name: 'Other' }),
  ];
  await send('POST', '/companies', { ...COMPANY, name: 'One' });
  await send('PATCH', `/companies/${other.body.id}`, { name: 'One' });
  await send('DELETE', `/companies/${one.body.id}`);
  type Documents = { documents: { id: string }[] };
  const { documents } = (await send<Documents>('GET', `/documentation/projects/${projectId}/documents`)).body;
  const [first, second] = documents.map(({ id }) => `/documents/${id}`);
  for (const path of [`${first}/reject`, `${first}/approve`, `${second}/approve`, `${second}/reject`])
    await send('POST', path);
}

/** The same Idempotency-Key with another request. */
async function useKeysTwice(send: Send, projectId: string): Promise<void> {
  const twice = async (path: string, first: object, second: object) => {
    for (const body of [first, second])
      await send('POST', path, body, { 'idempotency-key': `twice-${path}` });
  };
  const input = { projectId, layers: ['summary'] };
  const run = { kind: 'documentation', input, parked: true };
  await twice('/runs', run, { ...run, input: { projectId, layers: ['business'] } });
  const job = { projectId, options: { layers: ['summary'] } };
  await twice('/documentation/jobs', job, { ...job, options: { layers: ['business'] } });
  await twice('/budgets', LIMITLESS, { ...LIMITLESS, amountUsd: 6 });
  await twice('/holds', { amountUsd: 1 }, { amountUsd: 0.5 });
  await twice('/memories', { textContent: 'One' }, { textContent: 'Another' });
}

async function useMoneyConflicts(send: Send, run: string): Promise<void> {
  const past = (await send('POST', '/budgets', { ...LIMITLESS, name: 'past', period: PAST })).body.id;
  await send('POST', `/budgets/${past}/raise`, { amountUsd: 1, reason: 'too late' });
  await send('POST', `/budgets/${past}/close-breaker`, { reason: 'there is none' });
  const { holds } = (await send<{ holds: { id: string }[] }>('GET', `/holds?owner=${run}`)).body;
  await send('DELETE', `/holds/${holds[0]?.id}`);
  await send('POST', `/holds/${holds[0]?.id}/entries`, { costUsd: 1 });
  const model = 'offline/text-embedding-3-small';
  const poor = { ...LIMITLESS, name: 'poor', scope: { model }, amountUsd: 1e-9 };
  const { id } = (await send('POST', '/budgets', poor)).body;
  await send('GET', '/memories/search?q=anything');
  await send('DELETE', `/budgets/${id}`);
  const unpaid = { ...LIMITLESS, name: 'unpaid', scope: { provider: 'openai' }, amountUsd: 1e-9 };
  const poorer = (await send('POST', '/budgets', unpaid)).body.id;
  await send('POST', '/providers/openai/test', {});
  await send('DELETE', `/budgets/${poorer}`);
  const { body } = await send<{ keys: { id: string; role: string }[] }>('GET', '/keys');
  for (const key of body.keys.filter(({ role }) => role === 'admin')) await send('DELETE', `/keys/${key.id}`);
}
