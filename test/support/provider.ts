import type { ApiRun } from '../../api/run-schemas.ts';
import { type Program, startProgram } from './bursar.ts';
import type { LimitFigures, ProviderLimit } from './provider-limit.ts';
import type { ProviderFault } from './provider-wire.ts';

/** How often it was called, by prompt and by the id that the caller gave. */
interface ProviderCalls {
  count: number;
  byHash: Record<string, number>;
  byId: Record<string, number>;
}

/** The provider server as a process of its own: it outlives whatever a test kills, and counts every call. */
export async function startProvider() {
  const program: Program = await startProgram('test/support/provider-main.ts', {});
  const url = String(program.ready.url);
  const { origin } = new URL(url);
  return {
    /** Base URL for every vendor. */
    url,
    /** For the environment of a worker. */
    environment: { OPENAI_BASE_URL: url, OPENAI_API_KEY: 'test' },
    async calls(): Promise<ProviderCalls> {
      const answer = await fetch(`${origin}/__calls`);
      return (await answer.json()) as ProviderCalls;
    },
    async setFaults(faults: ProviderFault | ProviderFault[]): Promise<void> {
      await fetch(`${origin}/__faults`, { method: 'POST', body: JSON.stringify(faults) });
    },
    /** What it answers from now on; undefined: its own words. */
    async setReply(text: string | undefined): Promise<void> {
      await fetch(`${origin}/__reply`, { method: 'POST', body: JSON.stringify({ text }) });
    },
    /** From now on it lets through so much, and refuses the rest. */
    async setLimit(limit: ProviderLimit): Promise<void> {
      await fetch(`${origin}/__limit`, { method: 'POST', body: JSON.stringify(limit) });
    },
    async limitFigures(): Promise<LimitFigures> {
      return (await (await fetch(`${origin}/__limit`)).json()) as LimitFigures;
    },
    stop: () => program.kill(),
  };
}

export type Provider = Awaited<ReturnType<typeof startProvider>>;

/** The model that the provider server is asked for: one with a published price. */
export const PROVIDER_MODEL = 'openai/gpt-4o-mini';

/** Objects that are under way, by the most that ever were so at a time. */
export function mostAtATime(items: { startedAt: string | null; endedAt: string | null }[]): number {
  const changes = items.flatMap(({ startedAt, endedAt }) => [
    { at: Date.parse(startedAt ?? ''), change: 1 },
    { at: Date.parse(endedAt ?? ''), change: -1 },
  ]);
  // An end before a start of the same millisecond: the slot was free.
  changes.sort((left, right) => left.at - right.at || left.change - right.change);
  let now = 0;
  let most = 0;
  for (const { change } of changes) {
    now += change;
    most = Math.max(most, now);
  }
  return most;
}

export type Item = { seq: number; name: string; state: string; attempts: number } & {
  tokens?: { input: number };
  startedAt: string | null;
  endedAt: string | null;
};

/** All items of a run, page by page. */
export async function itemsOf(
  client: { get: <T>(path: string) => Promise<T> },
  run: Pick<ApiRun, 'id'>,
  state?: string,
): Promise<Item[]> {
  const items: Item[] = [];
  for (;;) {
    const query = `limit=100&skip=${items.length}${state === undefined ? '' : `&state=${state}`}`;
    const page = await client.get<{ items: Item[]; has_more: boolean }>(`/runs/${run.id}/items?${query}`);
    items.push(...page.items);
    if (!page.has_more) return items;
  }
}
