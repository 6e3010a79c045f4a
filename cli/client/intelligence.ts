import { hc } from 'hono/client';
import type { ApiResources } from '../../api/resources.ts';
import type { Fetch } from '../../client/fetch.ts';
import { type BodyOf, bodyOf } from './answer.ts';
import { everyPage } from './every-page.ts';

type Options = Parameters<typeof hc>[1];
type Raw = (path: string, init?: RequestInit, limitMs?: number) => ReturnType<Fetch>;

/** What the API says and does about companies, memories and telemetry. */
export function intelligenceMethods(base: string, options: Options, raw: Raw) {
  const { companies } = hc<ApiResources['companies']>(base, options);
  const { telemetry } = hc<ApiResources['telemetry']>(base, options);
  const { memories } = hc<ApiResources['memories']>(base, options);
  const { sources } = hc<ApiResources['companySources']>(base, options).companies[':id'];
  return {
    queueTelemetry: (query: { start: string }) => bodyOf(telemetry.queue.$get({ query })),
    modelTelemetry: (query: { start: string }) => bodyOf(telemetry.providers.$get({ query })),
    stateTelemetry: () => bodyOf(telemetry.state.$get()),
    companies: (query: { name?: string; limit?: string; cursor?: string }) =>
      bodyOf(companies.$get({ query })),
    createCompany: (json: { name: string; description?: string; website?: string }) =>
      bodyOf(companies.$post({ json })),
    allSources: (id: string) =>
      everyPage(async (query) => {
        const { sources: rows, cursor } = await bodyOf(sources.$get({ param: { id }, query }));
        return { rows, cursor };
      }),
    async deleteSource(id: string, label: string) {
      await sources[':label'].$delete({ param: { id, label } });
    },
    async deleteCompany(id: string) {
      await companies[':id'].$delete({ param: { id } });
    },
    addSource: (id: string, json: NewSource) => bodyOf(sources.$post({ param: { id }, json })),
    addMemory: (json: { textContent: string; type?: string; user?: string }, key: string) =>
      bodyOf(memories.$post({ json, header: { 'idempotency-key': key } })),
    memories: (query: Record<string, string>) => bodyOf(memories.$get({ query })),
    searchMemories: (query: { q: string; user?: string; limit?: string }) =>
      bodyOf(memories.search.$get({ query })),
    async deleteMemory(id: string) {
      await memories[':id'].$delete({ param: { id } });
    },
    async report(run: string, format: 'markdown' | 'html') {
      const response = await raw(`/intelligence/reports/${encodeURIComponent(run)}?format=${format}`);
      return response.text();
    },
  };
}

type CompaniesApi = ReturnType<typeof hc<ApiResources['companies']>>['companies'];
export type ShownCompany = BodyOf<Awaited<ReturnType<CompaniesApi[':id']['$get']>>>;

/** A document as it is sent: `content` of a PDF in base64. */
export interface NewSource {
  title: string;
  format: 'text' | 'markdown' | 'html' | 'pdf';
  content: string;
}
