import type { ApiSnapshot, ApiSnapshotCounts } from '../../api/cost-snapshots.ts';
import type { ApiIngestion } from '../../api/ingestions.ts';
import type { ApiIngestedJobs } from '../../api/jobs.ts';
import type { Fetch } from '../../client/fetch.ts';

/** A file of any size takes its time: half a day. */
const FILE_LIMIT_MS = 12 * 3_600_000;

/** Jobs that ran elsewhere. */
export function jobMethods(raw: (path: string, init?: RequestInit, limitMs?: number) => ReturnType<Fetch>) {
  async function send<T>(path: string, query: Record<string, string>, body: ReadableStream): Promise<T> {
    const headers = { 'content-type': 'application/octet-stream' };
    const init = { method: 'POST', headers, body, duplex: 'half' } as RequestInit;
    const response = await raw(`${path}?${new URLSearchParams(query)}`, init, FILE_LIMIT_MS);
    return (await response.json()) as T;
  }
  const ingestionOf = (id: string) => `/ingestions/${encodeURIComponent(id)}`;
  return {
    /** Streams a file; what is wrong with a row stands in the answer. */
    ingestJobs: (query: Record<string, string>, body: ReadableStream) =>
      send<ApiIngestedJobs>('/jobs/ingest', query, body),
    /** Streams a file that a workflow brings in. */
    startIngestion: (query: Record<string, string>, body: ReadableStream) =>
      send<ApiIngestion>('/ingestions', query, body),
    ingestion: async (id: string) => (await (await raw(ingestionOf(id))).json()) as ApiIngestion,
    cancelIngestion: async (id: string) =>
      (await (await raw(`${ingestionOf(id)}/cancel`, { method: 'POST' })).json()) as ApiIngestion,
    async addGpuCosts(snapshots: object[]): Promise<ApiSnapshotCounts> {
      const headers = { 'content-type': 'application/json' };
      const init = { method: 'POST', headers, body: JSON.stringify({ snapshots }) };
      return (await (await raw('/cost-snapshots', init)).json()) as ApiSnapshotCounts;
    },
    /** The first hundred. */
    async gpuCosts(span: { start: string; end: string }) {
      const query = new URLSearchParams({ ...span, limit: '100' });
      const response = await raw(`/cost-snapshots?${query}`);
      return (await response.json()) as { snapshots: ApiSnapshot[]; total: number };
    },
    /** A file of jobs, as it is made. */
    async exportJobs(query: Record<string, string>): Promise<ReadableStream<Uint8Array>> {
      const response = await raw(`/jobs/export?${new URLSearchParams(query)}`, {}, FILE_LIMIT_MS);
      if (response.body === null) throw new Error('The export has no body.');
      return response.body;
    },
  };
}
