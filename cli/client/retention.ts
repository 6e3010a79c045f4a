import { hc } from 'hono/client';
import type { ApiResources } from '../../api/resources.ts';
import { type BodyOf, bodyOf } from './answer.ts';

/** What is archived after how many days, and the archives. */
export function retentionMethods(base: string, options: Parameters<typeof hc>[1]) {
  const { retention } = hc<ApiResources['retention']>(base, options);
  return {
    retention: () => bodyOf(retention.$get()),
    runRetention: (json: { collection?: RetentionStatus['collection'] }) =>
      bodyOf(retention.run.$post({ json })),
    archives: (query: Record<string, string>) => bodyOf(retention.archives.$get({ query })),
    restoreArchive: (id: string) => bodyOf(retention.archives[':id'].restore.$post({ param: { id } })),
  };
}

type RetentionApi = ReturnType<typeof hc<ApiResources['retention']>>['retention'];
type Answer<Call extends (...of: never[]) => Promise<unknown>> = BodyOf<Awaited<ReturnType<Call>>>;
export type RetentionStatus = Answer<RetentionApi['$get']>['collections'][number];
export type ArchiveRow = Answer<RetentionApi['archives'][':id']['restore']['$post']>;
