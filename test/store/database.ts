import { randomBytes } from 'node:crypto';
import { connectMongo } from '../../config/connections.ts';
import { NO_PROGRESS } from '../../domain/progress.ts';
import { createStore } from '../../store/index.ts';

export const ORG = 'default';

/**
 * A store over a database of its own, with its indexes; or over one that is there, as another process has.
 */
export async function newStore(database = `store_${randomBytes(6).toString('hex')}`) {
  const url = new URL(process.env.BURSAR_TEST_MONGODB ?? '');
  url.pathname = `/${database}`;
  const connection = await connectMongo(url.toString(), { poolSize: 32 });
  const store = createStore(connection);
  await store.initialize();
  return { connection, store, close: () => connection.close() };
}

export type OpenedStore = Awaited<ReturnType<typeof newStore>>;

/** A stored run that nobody works on. */
export async function newRun({ store }: OpenedStore, id = randomBytes(6).toString('hex'), org = ORG) {
  const options = { concurrency: 4, maxRetries: 3, skipExisting: false, regenerateAll: false, model: 'm' };
  const input = { projectId: 'prj_1', revision: 1 };
  const rest = {
    kind: 'documentation',
    input,
    options,
    triggeredBy: { id: 'key_1' },
    requestHash: 'h',
  } as const;
  return (await store.runs.create({ _id: id, org, ...rest })).run;
}

export const plannedItems = (count: number) =>
  Array.from({ length: count }, (_, seq) => ({
    key: `model.p.m${seq}`,
    name: `m${seq}`,
    parents: seq === 0 ? [] : [seq - 1],
    maybeReused: false,
  }));

export const SPENT = { inputTokens: 10, outputTokens: 5, calls: 1, costNanoUsd: 7, durationMs: 3 };
export const FAILURE = { code: 'llm_refused', message: 'no', fingerprint: 'llm_refused:no' };

export const proposal = (id: string, object: string, run = 'r1') => ({
  id,
  project: 'prj_1',
  object,
  name: object,
  content: { text: { summary: `text of ${id}` } },
  inputHash: 'h',
  drift: [],
  run,
  model: 'm',
  createdAt: new Date(),
});

export const logRow = (run: string, seq: number, more: object = {}) => ({
  org: ORG,
  run,
  seq,
  object: `m${seq}`,
  layer: 'summary',
  status: 'done' as const,
  model: 'm',
  promptTokens: 1,
  completionTokens: 1,
  cachedTokens: 0,
  reasoningTokens: 0,
  calls: 1,
  durationMs: 1,
  costNanoUsd: 1,
  at: new Date(),
  ...more,
});

export const object = (uniqueId: string) => ({
  uniqueId,
  name: uniqueId,
  resourceType: 'model' as const,
  packageName: 'p',
  path: `models/${uniqueId}.sql`,
  tags: [],
  description: '',
  columns: [],
  rawCode: 'select 1',
  adapterType: 'duckdb',
  parents: [],
  tests: [],
  hash: 'h',
});

export const estimate = {
  basis: 'cold' as const,
  items: 1,
  reusedItems: 0,
  calls: 1,
  inputTokens: 1,
  outputTokens: { p50: 1, p90: 2 },
  costNanoUsd: { p50: 1, p90: 2 },
  steps: [],
  classes: [],
  overhead: { share: { p50: 0, p90: 0 }, costNanoUsd: { p50: 0, p90: 0 } },
  reuseSavings: { calls: 0, costNanoUsd: { p50: 0, p90: 0 } },
  price: { inputUsdPerMillion: 1, outputUsdPerMillion: 1, source: 'test' },
  model: 'm',
  hash: 'h',
};

export const counters = (more: object) => ({ ...NO_PROGRESS, ...more });

/** Does the same many times at once. */
export const racing = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));

export const trues = (list: boolean[]) => list.filter(Boolean).length;
