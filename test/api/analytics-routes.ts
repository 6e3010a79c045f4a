import { DIMENSIONS } from '../../domain/analytics/dimension.ts';

type Send = (method: string, path: string) => Promise<{ status: number }>;

const SPAN = 'start=2026-01-01&end=2026-01-31';

/** Each route of analytics, with success and with what is not valid. */
export async function useAnalyticsRoutes(send: Send): Promise<void> {
  for (const dimension of DIMENSIONS) {
    const path = `/analytics/cost/by-${dimension.replace('_', '-')}`;
    await send('GET', `${path}?${SPAN}`);
    await send('GET', path);
  }
  await send('GET', `/analytics/cost/cross?${SPAN}&rows=team&columns=model`);
  await send('GET', `/analytics/cost/cross?${SPAN}`);
  await send('GET', `/analytics/export?${SPAN}`);
}
