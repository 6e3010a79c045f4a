import type { ApiCostGroup } from '../../api/analytics-view.ts';
import type { Fetch } from '../../client/fetch.ts';
import type { Dimension } from '../../domain/analytics/dimension.ts';

export interface AnalyticsQuestion {
  by: Dimension;
  and?: Dimension;
  /** First and last day, YYYY-MM-DD. */
  start: string;
  end: string;
}

/** What jobs have cost. */
export function analyticsMethods(raw: (path: string) => ReturnType<Fetch>) {
  return {
    async analytics({ by, and, start, end }: AnalyticsQuestion) {
      const query = new URLSearchParams({ start, end, ...(and !== undefined && { rows: by, columns: and }) });
      const path = and === undefined ? `by-${by.replace('_', '-')}` : 'cross';
      const response = await raw(`/analytics/cost/${path}?${query}`);
      const behind = Number(response.headers.get('x-days-behind') ?? 0);
      return { groups: (await response.json()) as ApiCostGroup[], daysBehind: behind };
    },
  };
}
