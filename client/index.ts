/**
 * Budgets of Bursar for other systems: `import { createBudgetClient } from 'bursar/client'`.
 * It needs nothing but Node's own `fetch`.
 */

export type { Scope } from '../domain/budgets/scope.ts';
export { AppError as BursarError } from '../domain/errors.ts';
export {
  type BudgetClient,
  type BudgetClientOptions,
  type BudgetDecision,
  type Cost,
  createBudgetClient,
  type Hold,
  type NewHold,
} from './budget-client.ts';
export { errorCode, isPermanent, isRetryable } from './errors.ts';
export { createRateLimiter, type RateLimiter, type RateLimiterOptions } from './rate-limiter.ts';
