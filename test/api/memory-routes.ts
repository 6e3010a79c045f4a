type Send = <T>(method: string, path: string, body?: unknown) => Promise<{ status: number; body: T }>;

export const MEMORY = { textContent: 'My sister lives in Lisbon', type: 'note', user: 'ada' };
export const LABELS = { labels: [{ name: 'family', description: 'Of relatives.', examples: ['My sister'] }] };

/** Each route of memories, their labels, and of admins, once with success. */
export async function useMemoryRoutes(send: Send): Promise<void> {
  await send('GET', '/label-sets/current');
  await send('POST', '/label-sets', LABELS);
  const { body } = await send<{ id: string }>('POST', '/memories', MEMORY);
  await send('GET', '/memories');
  await send('GET', `/memories/${body.id}`);
  await send('GET', '/memories/search?q=family');
  await send('PATCH', `/memories/${body.id}`, { label: 'family' });
  await send('GET', '/admin/stats');
  await send('GET', '/admin/ai-cost-tracking');
  await send('GET', '/admin/circuit-breaker');
  await send('GET', '/admin/enrichment-worker');
  await send('POST', '/admin/enrichment-worker/trigger');
  await send('DELETE', `/memories/${body.id}`);
}
