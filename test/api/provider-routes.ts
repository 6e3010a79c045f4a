import type { Provider } from '../support/provider.ts';

type Send = <T>(method: string, path: string, body?: unknown) => Promise<{ status: number; body: T }>;

export const PROVIDER_KEY = { apiKey: 'sk-marked-0123456789' };
export const PROVIDER_LIMIT = { model: 'openai/gpt-5-mini', requestsPerMinute: 5 };

/** Each route of providers, once with success, and with a provider that asks to wait. */
export async function useProviderRoutes(send: Send, provider: Provider): Promise<void> {
  await send('GET', '/providers');
  await send('PUT', '/providers/openai/key', { ...PROVIDER_KEY, baseUrl: provider.url });
  await send('POST', '/providers/openai/test', {});
  await provider.setFaults([{ status: 429, retryAfter: 1, every: 1 }]);
  await send('POST', '/providers/openai/test', {});
  await provider.setFaults([]);
  await send('DELETE', '/providers/openai/key');
  await send('PUT', '/providers/limits', PROVIDER_LIMIT);
  await send('GET', '/providers/limits');
}
