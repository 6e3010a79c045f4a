import type { Operation } from './operations.ts';

/** Of which admins alone may see anything, too. */
const isOfAdmins = ({ template }: Operation) => /^\/(keys|people|invitations)/.test(template);
export const isKeys = ({ template }: Operation) => template.startsWith('/keys');
/** Writes that need an admin. */
const FOR_ADMINS = [
  /^\/budgets(?!\/(check|validate)$)/,
  /^\/cost-models/,
  /^\/runs\/(archive|.*\/(bypass|restore))$/,
  /^\/benchmarks\/calibrate$/,
  /^\/(prices|organizations|gpu-prices)/,
  /^\/cost-snapshots\/\{id\}$/,
  /^\/admin\/settings$/,
  /^\/providers/,
  /^\/channels(?!.*\/test$)/,
  /^\/label-sets/,
  /^\/admin\/(enrichment-worker|ingest)/,
];
const needsAdmin = (operation: Operation) =>
  isOfAdmins(operation) ||
  /^\/(ledger\/check$|retention)/.test(operation.template) ||
  (operation.method !== 'GET' && FOR_ADMINS.some((pattern) => pattern.test(operation.template)));
const ASKS = ['/estimates', '/batches/estimate', '/costs/estimate', '/budgets/check', '/budgets/validate'];
/** Searching asks a model, which costs. */
const COSTS = ['/memories/search'];
const reads = ({ method, template }: Operation) =>
  (method === 'GET' && !COSTS.includes(template)) || ASKS.includes(template);
/** What everybody does with their own sign-ins. */
const isOwn = ({ template }: Operation) => template.startsWith('/auth/');

/** Whether somebody of this role may carry out the operation. */
export function mayDo(role: 'viewer' | 'operator' | 'admin', operation: Operation): boolean {
  if (role === 'admin' || isOwn(operation)) return true;
  return !needsAdmin(operation) && (role === 'operator' || reads(operation));
}
