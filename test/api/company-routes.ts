type Send = <T>(method: string, path: string, body?: unknown) => Promise<{ status: number; body: T }>;

export const COMPANY = { name: 'Larkspur', description: 'Parcels' };
export const SOURCE = { title: 'profile', content: 'Larkspur was founded in 2009 in Utrecht.' };

/** Each route of companies and of what was found about them, once with success. */
export async function useCompanyRoutes(
  send: Send,
  untilEnded: (run: string) => Promise<unknown>,
): Promise<void> {
  const { body } = await send<{ id: string }>('POST', '/companies', COMPANY);
  await send('GET', '/companies');
  await send('GET', `/companies/${body.id}`);
  await send('PATCH', `/companies/${body.id}`, { description: 'Parcels on the same day' });
  await send('POST', `/companies/${body.id}/sources`, SOURCE);
  await send('GET', `/companies/${body.id}/sources`);
  await send('GET', '/intelligence/blocks');
  const request = { kind: 'intelligence', input: { companyId: body.id, only: ['NB1'] } };
  const run = await send<{ id: string }>('POST', '/runs', request);
  await untilEnded(run.body.id);
  await send('GET', `/intelligence/reports/${run.body.id}`);
  await send('DELETE', `/companies/${body.id}/sources/S1`);
  await send('DELETE', `/companies/${body.id}`);
}
