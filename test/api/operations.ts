import type { Bursar } from '../support/bursar.ts';
import { ACCEPTANCE, INVITATION, LOGIN, NEW_PASSWORD, SWITCH } from './account-routes.ts';
import { BATCH_APPROVAL, batchOf } from './batch-routes.ts';
import { BUDGET, CLOSE, RAISE } from './budget-routes.ts';
import { CHANNEL } from './channel-routes.ts';
import { COMPANY, SOURCE } from './company-routes.ts';
import { BENCHMARKS, JOB } from './costing-routes.ts';
import { PRICE } from './estimate-routes.ts';
import { GPU_PRICE, GPU_SNAPSHOT, JOB_ROWS } from './job-routes.ts';
import { LABELS, MEMORY } from './memory-routes.ts';
import { PROVIDER_KEY, PROVIDER_LIMIT } from './provider-routes.ts';
import { APPROVAL, BYPASS, LIMIT } from './run-money-routes.ts';
import { BACKFILL, SCHEDULE } from './schedule-routes.ts';

export interface Operation {
  method: string;
  /** As in the OpenAPI document, e.g. `/runs/{id}`. */
  template: string;
  responses: string[];
  /** Needs neither key nor token. */
  open?: boolean;
}

/** Every operation that the API's own OpenAPI document names, without the base path. */
export async function operationsOf(bursar: Bursar): Promise<Operation[]> {
  const response = await fetch(`${bursar.client.url}/api/v1/openapi.json`);
  const { paths } = (await response.json()) as {
    paths: Record<string, Record<string, { responses: Record<string, unknown>; security?: unknown[] }>>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { responses, security }]) => ({
      method: method.toUpperCase(),
      template: path.replace('/api/v1', ''),
      responses: Object.keys(responses),
      open: security?.length === 0,
    })),
  );
}

const BODIES: [RegExp, unknown][] = [
  [/^\/(runs|estimates)$/, { kind: 'documentation', input: { projectId: 'prj_none' } }],
  [/^\/documentation\/jobs$/, { projectId: 'prj_none' }],
  [/^\/batches(\/estimate)?$/, batchOf('prj_none')],
  [/^\/batches\/.*\/approve$/, BATCH_APPROVAL],
  [/\/concurrency$/, { concurrency: 2 }],
  [/^\/runs\/.*\/approve$/, APPROVAL],
  [/^\/runs\/.*\/limit$/, LIMIT],
  [/^\/runs\/.*\/bypass$/, BYPASS],
  [/^\/holds$/, { amountUsd: 1 }],
  [/^\/holds\/.*\/entries$/, { costUsd: 1 }],
  [/^\/budgets(\/validate)?$/, BUDGET],
  [/^\/budgets\/.*\/raise$/, RAISE],
  [/^\/budgets\/.*\/close-breaker$/, CLOSE],
  [/^\/keys$/, { name: 'x', role: 'viewer' }],
  [/^\/prices$/, PRICE],
  [/^\/providers\/.*\/key$/, PROVIDER_KEY],
  [/^\/providers\/limits$/, PROVIDER_LIMIT],
  [/^\/channels$/, CHANNEL],
  [/^\/schedules$/, SCHEDULE],
  [/^\/schedules\/.*\/backfill$/, BACKFILL],
  [/^\/alerts\/.*\/snooze$/, { minutes: 5 }],
  [/^\/companies$/, COMPANY],
  [/^\/memories$/, MEMORY],
  [/^\/memories\/[^/]+$/, { label: 'fact' }],
  [/^\/label-sets$/, LABELS],
  [/^\/companies\/[^/]+$/, {}],
  [/^\/companies\/.*\/sources$/, SOURCE],
  [/^\/costs\/jobs$/, JOB],
  [/^\/costs\/estimate$/, { jobType: 'monthly', cpuTime: 1, payloadKb: 2 }],
  [/^\/benchmarks$/, BENCHMARKS],
  [/^\/(jobs\/ingest|ingestions)$/, JOB_ROWS],
  [/^\/cost-snapshots$/, { snapshots: [GPU_SNAPSHOT] }],
  [/^\/gpu-prices$/, { prices: [GPU_PRICE] }],
  [/^\/auth\/login$/, LOGIN],
  [/^\/auth\/accept$/, ACCEPTANCE],
  [/^\/auth\/switch$/, SWITCH],
  [/^\/auth\/password$/, NEW_PASSWORD],
  [/^\/invitations$/, INVITATION],
  [/^\/people\/[^/]+$/, { role: 'viewer' }],
  [/^\/organizations$/, { id: 'made', name: 'Made', email: 'made@example.com' }],
  [/^\/cost-models$/, { weights: { base: 0 } }],
];

/** A body that the operation accepts, where it needs one. */
export function bodyOf({ method, template }: Operation): unknown {
  if (method === 'GET' || method === 'DELETE') return undefined;
  return BODIES.find(([pattern]) => pattern.test(template))?.[1] ?? {};
}

/** What the id in a path is of. */
export const OWNERS = {
  '/documentation/projects/': 'project',
  '/documentation/jobs/': 'run',
  '/documents/': 'document',
  '/keys/': 'key',
  '/holds/': 'hold',
  '/budgets/': 'budget',
  '/prices/': 'price',
  '/gpu-prices/': 'gpuPrice',
  '/cost-snapshots/': 'snapshot',
  '/memories/': 'memory',
  '/companies/': 'company',
  '/channels/': 'channel',
  '/schedules/': 'schedule',
  '/alerts/': 'alert',
  '/ingestions/': 'ingestion',
  '/retention/archives/': 'archive',
  '/intelligence/reports/': 'run',
  '/batches/': 'batch',
  '/runs/': 'run',
  '/people/': 'person',
  '/invitations/': 'invitation',
  '/auth/sessions/': 'signIn',
} as const;
