import { hc } from 'hono/client';
import type { ApiResources } from '../../api/resources.ts';
import { bodyOf } from './answer.ts';

/** What people should know. */
export function alertMethods(base: string, options: Parameters<typeof hc>[1]) {
  const { alerts } = hc<ApiResources['alerts']>(base, options);
  return {
    alerts: (query: Record<string, string>) => bodyOf(alerts.$get({ query })),
    alert: (id: string) => bodyOf(alerts[':id'].$get({ param: { id } })),
    acknowledgeAlert: (id: string, json: { note?: string }) =>
      bodyOf(alerts[':id'].acknowledge.$post({ param: { id }, json })),
    snoozeAlert: (id: string, json: { minutes: number; note?: string }) =>
      bodyOf(alerts[':id'].snooze.$post({ param: { id }, json })),
  };
}

type Methods = ReturnType<typeof alertMethods>;
export type AlertList = Awaited<ReturnType<Methods['alerts']>>;
export type AlertDetail = Awaited<ReturnType<Methods['alert']>>;
