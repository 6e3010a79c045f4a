type Send = <T>(method: string, path: string, body?: unknown) => Promise<{ status: number; body: T }>;

export const PROVIDER_KEY = { apiKey: 'sk-marked-0123456789' };
export const PROVIDER_LIMIT = { model: 'openai/gpt-5-mini', requestsPerMinute: 5 };

/** Each route of providers, once with success; `baseUrl` is that of a provider that answers. */
export async function useProviderRoutes(send: Send, baseUrl: string): Promise<void> {
  await send('GET', '/providers');
  await send('PUT', '/providers/openai/key', { ...PROVIDER_KEY, baseUrl });
  await send('POST', '/providers/openai/test', {});
  await send('DELETE', '/providers/openai/key');
  await send('PUT', '/providers/limits', PROVIDER_LIMIT);
  await send('GET', '/providers/limits');
}
