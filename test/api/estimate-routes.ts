type Send = (method: string, path: string, body?: unknown) => Promise<{ status: number; body: unknown }>;

export const PRICE = { model: 'compatible/llama-3', inputUsdPerMillion: 0.1, outputUsdPerMillion: 0.4 };

/** Each route of estimates, prices and settings, once with success. */
export async function useEstimateRoutes(send: Send, run: string, projectId: string): Promise<void> {
  await send('POST', '/estimates', { kind: 'documentation', input: { projectId } });
  await send('GET', `/runs/${run}/estimate`);
  await send('GET', '/estimates/accuracy');
  await send('GET', '/prices');
  const { body } = await send('POST', '/prices', PRICE);
  await send('DELETE', `/prices/${(body as { id: string }).id}`);
  await send('GET', '/admin/settings');
  await send('PUT', '/admin/settings', {});
}
