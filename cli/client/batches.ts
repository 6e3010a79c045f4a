import { hc } from 'hono/client';
import type { ApiResources } from '../../api/resources.ts';
import type { Fetch } from '../../client/fetch.ts';
import { bodyOf } from './answer.ts';

type Raw = (path: string, init?: RequestInit, limitMs?: number) => ReturnType<Fetch>;

/** A batch of thousands of runs is checked one by one. */
const SUBMIT_LIMIT_MS = 10 * 60_000;
const RESULTS_LIMIT_MS = 10 * 60_000;

/** Batches of runs. */
export function batchMethods(base: string, options: Parameters<typeof hc>[1], raw: Raw) {
  const { batches } = hc<ApiResources['batches']>(base, options);
  const post = async (path: string, json: NewBatch) => {
    const headers = { 'content-type': 'application/json' };
    const response = await raw(
      path,
      { method: 'POST', headers, body: JSON.stringify(json) },
      SUBMIT_LIMIT_MS,
    );
    return response.json();
  };
  return {
    submitBatch: async (json: NewBatch) => (await post('/batches', json)) as Batch & Counts,
    estimateBatch: async (json: NewBatch) => (await post('/batches/estimate', json)) as BatchEstimate,
    batches: (query: Record<string, string>) => bodyOf(batches.$get({ query })),
    batch: (id: string) => bodyOf(batches[':id'].$get({ param: { id } })),
    approveBatch: (id: string, hash: string) =>
      bodyOf(batches[':id'].approve.$post({ param: { id }, json: { hash } })),
    pauseBatch: (id: string) => bodyOf(batches[':id'].pause.$post({ param: { id } })),
    resumeBatch: (id: string) => bodyOf(batches[':id'].resume.$post({ param: { id } })),
    cancelBatch: (id: string) => bodyOf(batches[':id'].cancel.$post({ param: { id } })),
    /** Lines of JSON, as they come. */
    async batchResults(id: string): Promise<ReadableStream<Uint8Array>> {
      const response = await raw(`/batches/${encodeURIComponent(id)}/results`, {}, RESULTS_LIMIT_MS);
      if (response.body === null) throw new Error('The results have no body.');
      return response.body;
    },
  };
}

type BatchesApi = ReturnType<typeof hc<ApiResources['batches']>>['batches'];
type Methods = ReturnType<typeof batchMethods>;
type Counts = { added: number; unchanged: number };
export type NewBatch = Parameters<BatchesApi['$post']>[0]['json'];
export type Batch = Awaited<ReturnType<Methods['batch']>>;
export type BatchEstimate = {
  runs: number;
  items: number;
  calls: number;
  inputTokens: number;
  costUsd: { p50: number; p90: number };
};
