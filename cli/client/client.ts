import { hc } from 'hono/client';
import type { ApiResources } from '../../api/resources.ts';
import { createFetch, type Fetch } from '../../client/fetch.ts';
import type { VendorName } from '../../domain/model-name.ts';
import type { DocumentState } from '../../domain/project.ts';
import { accountMethods } from './accounts.ts';
import { alertMethods } from './alerts.ts';
import { analyticsMethods } from './analytics.ts';
import { type BodyOf, bodyOf } from './answer.ts';
import { batchMethods } from './batches.ts';
import { channelMethods } from './channels.ts';
import { everyPage } from './every-page.ts';
import { intelligenceMethods } from './intelligence.ts';
import { jobMethods } from './jobs.ts';
import { moneyMethods } from './money.ts';
import { retentionMethods } from './retention.ts';
import { scheduleMethods } from './schedules.ts';

export type ClientOptions = {
  apiUrl: string;
  apiKey: string | undefined;
  /** Ends what is under way. */
  stop: AbortSignal;
};

const UPLOAD_LIMIT_MS = 10 * 60_000;

/** Bursar's API with its types; every method throws an AppError for an answer that is no success. */
export function createClient(options: ClientOptions) {
  const { apiUrl, apiKey } = options;
  const send = createFetch(apiUrl, options.stop);
  const headers: Record<string, string> = apiKey === undefined ? {} : { 'X-API-Key': apiKey };
  const base = `${apiUrl}/api/v1`;
  const sending = { headers, fetch: ((input, init) => send(input, init)) as typeof fetch };
  const api = apiOf(base, sending);
  const raw = (path: string, init: RequestInit = {}, limitMs?: number) =>
    send(`${base}${path}`, { ...init, headers: { ...headers, ...init.headers } }, limitMs);
  return {
    apiUrl,
    status: () => bodyOf(api.status.status.$get()),
    ...projectMethods(api, raw),
    ...runMethods(api),
    ...listMethods(api),
    ...documentMethods(api),
    ...moneyMethods(base, sending, raw),
    ...intelligenceMethods(base, sending, raw),
    ...alertMethods(base, sending),
    ...analyticsMethods(raw),
    ...jobMethods(raw),
    ...batchMethods(base, sending, raw),
    ...channelMethods(base, sending),
    ...scheduleMethods(base, sending),
    ...retentionMethods(base, sending),
    providers: () => bodyOf(api.providers.providers.$get()),
    setProviderKey: (provider: VendorName, json: { apiKey?: string; baseUrl?: string }) =>
      bodyOf(api.providers.providers[':provider'].key.$put({ param: { provider }, json })),
    async removeProviderKey(provider: VendorName) {
      await api.providers.providers[':provider'].key.$delete({ param: { provider } });
    },
    testProvider: (provider: VendorName, json: { model?: string }) =>
      bodyOf(api.providers.providers[':provider'].test.$post({ param: { provider }, json })),
    providerLimits: () => bodyOf(api.providerLimits.providers.limits.$get({ query: { limit: '100' } })),
    ...accountMethods(base, sending),
    /** The stream of a run's events; it stays open as long as the run does. */
    async runEvents(id: string, lastEventId: string | undefined, signal: AbortSignal) {
      const resume: Record<string, string> =
        lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId };
      const init = { headers: { accept: 'text/event-stream', ...resume }, signal };
      const response = await raw(`/runs/${encodeURIComponent(id)}/events`, init, 2 ** 31 - 1);
      if (response.body === null) throw new Error('The stream of events has no body.');
      return response.body;
    },
  };
}

export type Client = ReturnType<typeof createClient>;
type Api = ReturnType<typeof apiOf>;
type Raw = (path: string, init?: RequestInit, limitMs?: number) => ReturnType<Fetch>;

/** A typed client for each resource. */
function apiOf(base: string, options: Parameters<typeof hc>[1]) {
  return {
    runs: hc<ApiResources['runs']>(base, options),
    runArchive: hc<ApiResources['runArchive']>(base, options),
    runDetails: hc<ApiResources['runDetails']>(base, options),
    estimates: hc<ApiResources['estimates']>(base, options),
    projects: hc<ApiResources['projects']>(base, options),
    documents: hc<ApiResources['documents']>(base, options),
    providers: hc<ApiResources['providers']>(base, options),
    providerLimits: hc<ApiResources['providerLimits']>(base, options),
    status: hc<ApiResources['status']>(base, options),
  };
}

function projectMethods(api: Api, raw: Raw) {
  const { projects } = api.projects.documentation;
  return {
    /** Sends a manifest or an archive; the same content again is the same project. */
    async upload(form: FormData) {
      const response = await raw('/documentation/projects', { method: 'POST', body: form }, UPLOAD_LIMIT_MS);
      return (await response.json()) as Project;
    },
    projects: (query: { limit?: string; cursor?: string }) => bodyOf(projects.$get({ query })),
    project: (id: string) => bodyOf(projects[':id'].$get({ param: { id } })),
    async exportFiles(id: string, format: 'markdown' | 'schema-yml', state: 'latest' | 'approved') {
      const response = await raw(
        `/documentation/projects/${encodeURIComponent(id)}/export?format=${format}&state=${state}`,
      );
      if (response.body === null) throw new Error('The export has no body.');
      return response.body;
    },
  };
}

function runMethods(api: Api) {
  const { runs } = api.runs;
  const { estimates } = api.estimates;
  return {
    estimate: (json: NewRun) => bodyOf(estimates.$post({ json })),
    startRun: (json: NewRun, idempotencyKey: string) =>
      bodyOf(runs.$post({ json, header: { 'idempotency-key': idempotencyKey } })),
    runs: (query: { state?: string; kind?: never; limit?: string; cursor?: string }) =>
      bodyOf(runs.$get({ query })),
    run: (id: string) => bodyOf(runs[':id'].$get({ param: { id } })),
    archiveRuns: (olderThanDays: number) =>
      bodyOf(api.runArchive.runs.archive.$post({ json: { olderThanDays } })),
    restoreRun: (id: string) => bodyOf(api.runArchive.runs[':id'].restore.$post({ param: { id } })),
    executeRun: (id: string) => bodyOf(runs[':id'].execute.$post({ param: { id } })),
    pauseRun: (id: string) => bodyOf(runs[':id'].pause.$post({ param: { id } })),
    resumeRun: (id: string) => bodyOf(runs[':id'].resume.$post({ param: { id } })),
    cancelRun: (id: string) => bodyOf(runs[':id'].cancel.$post({ param: { id } })),
    retryRun: (id: string, fingerprint?: string) =>
      bodyOf(
        runs[':id'].retry.$post({ param: { id }, json: fingerprint === undefined ? {} : { fingerprint } }),
      ),
    setConcurrency: (id: string, concurrency: number) =>
      bodyOf(runs[':id'].concurrency.$put({ param: { id }, json: { concurrency } })),
  };
}

function listMethods(api: Api) {
  const run = api.runDetails.runs[':id'];
  return {
    runErrors: (id: string, page: Page = {}) => bodyOf(run.errors.$get({ param: { id }, query: page })),
    allItems: (id: string, state?: 'failed' | 'reused') =>
      everyPage(async (page) => {
        const query = { ...page, ...(state === undefined ? {} : { state }) };
        const { items: rows, cursor } = await bodyOf(run.items.$get({ param: { id }, query }));
        return { rows, cursor };
      }),
    allRunDocuments: (id: string) =>
      everyPage(async (query) => {
        const { documents: rows, cursor } = await bodyOf(run.documents.$get({ param: { id }, query }));
        return { rows, cursor };
      }),
  };
}

function documentMethods(api: Api) {
  const project = api.documents.documentation.projects[':id'];
  const document = api.documents.documents[':id'];
  return {
    allDocuments: (id: string, state: DocumentState | undefined) =>
      everyPage(async (page) => {
        const query = { ...page, ...(state === undefined ? {} : { state }) };
        const { documents: rows, cursor } = await bodyOf(project.documents.$get({ param: { id }, query }));
        return { rows, cursor };
      }),
    decideDocument: (id: string, decision: 'approve' | 'reject') =>
      bodyOf(document[decision].$post({ param: { id } })),
    decideDocuments: (id: string, decision: 'approve' | 'reject', json: { run?: string }) =>
      bodyOf(project.documents[decision].$post({ param: { id }, json })),
  };
}

interface Page {
  limit?: string;
  cursor?: string;
}

type Answered<Name extends keyof Client> = Client[Name] extends (...given: never) => Promise<infer Body>
  ? Body
  : never;
export type NewRun = Parameters<Api['estimates']['estimates']['$post']>[0]['json'];
export type Project = BodyOf<
  Awaited<ReturnType<Api['projects']['documentation']['projects'][':id']['$get']>>
>;
export type Run = Answered<'run'>;
export type Estimate = Answered<'estimate'>;
export type RunErrors = Answered<'runErrors'>;
export type RunItem = Answered<'allItems'>[number];
export type RunDocument = Answered<'allRunDocuments'>[number];
