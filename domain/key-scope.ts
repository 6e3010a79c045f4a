/** The parts of the API by the first part of the path: what an API key may be limited to. */
const AREAS = [
  ...['admin', 'alerts', 'analytics', 'audit', 'batches', 'benchmarks', 'budgets', 'channels'],
  ...['companies', 'cost-models', 'cost-snapshots', 'costs', 'documentation', 'documents', 'estimates'],
  ...[
    'forecasts',
    'gpu-prices',
    'holds',
    'ingestions',
    'intelligence',
    'jobs',
    'label-sets',
    'ledger',
    'memories',
  ],
  ...['prices', 'providers', 'reports', 'retention', 'runs', 'schedules', 'telemetry'],
] as const;
/** Who may write these could make a key without a limit. */
const READ_ONLY = ['keys', 'people', 'invitations'] as const;
/** Who one is and whether all is well, everybody may ask. */
const ALWAYS: readonly string[] = ['auth', 'status'];

/** What an API key may be limited to: `budgets:read`, or `jobs:write`, which includes reading. */
export const KEY_SCOPES = [...AREAS, ...READ_ONLY].flatMap((area) =>
  (READ_ONLY as readonly string[]).includes(area) ? [`${area}:read`] : [`${area}:read`, `${area}:write`],
);

/** They ask with a body and change nothing. */
const ASKS: ReadonlySet<string> = new Set([
  '/estimates',
  '/batches/estimate',
  '/costs/estimate',
  '/budgets/check',
  '/budgets/validate',
]);

/**
 * The scope that a request needs; undefined where none is needed.
 * @param path below `/api/v1`, e.g. `/jobs/ingest`.
 */
export function scopeNeeded(method: string, path: string): string | undefined {
  const area = path.split('/')[1] ?? '';
  if (ALWAYS.includes(area)) return undefined;
  const reads = method === 'GET' || method === 'HEAD' || ASKS.has(path);
  return `${area}:${reads ? 'read' : 'write'}`;
}

/** @param scope what the key is limited to; undefined for no limit. */
export function isInScope(scope: readonly string[] | undefined, needed: string | undefined): boolean {
  if (scope === undefined || needed === undefined) return true;
  return scope.includes(needed) || scope.includes(needed.replace(/:read$/, ':write'));
}
