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
  await send('POST', `/companies/${body.id}/sources`, {
    ...SOURCE,
    content: `${SOURCE.content} It delivers.`,
  });
  type Page = { sources: { label: string; characters: number }[]; total: number; cursor?: string };
  const first = await send<Page>('GET', `/companies/${body.id}/sources?limit=1`);
  expect(first.body).toMatchObject({
    sources: [{ label: 'S1', characters: SOURCE.content.length }],
    total: 2,
    has_more: true,
  });
  const rest = await send<Page>('GET', `/companies/${body.id}/sources?cursor=${first.body.cursor}`);
  expect(rest.body).toMatchObject({ sources: [{ label: 'S2' }], total: 2, has_more: false });
  const none = await send<string>('GET', `/companies/${body.id}/report`);
  expect(none.body).toContain('no run has asked for it yet');
  await send('GET', '/intelligence/blocks');
  const request = { kind: 'intelligence', input: { companyId: body.id, only: ['NB1'] } };
  const run = await send<{ id: string }>('POST', '/runs', request);
  await untilEnded(run.body.id);
  await send('GET', `/intelligence/reports/${run.body.id}`);
  const found = await send<string>('GET', `/companies/${body.id}/report`);
  expect(found.body).toMatch(/founded in 2009 in Utrecht.*\[S1\]/s);
  await send('DELETE', `/companies/${body.id}/sources/S1`);
  await send('DELETE', `/companies/${body.id}`);
}
