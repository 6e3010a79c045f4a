/** What an organization has set for a kind; what is not set is no limit. */
export interface GateLimits {
  /** A run whose estimate may cost more than this waits for an approval. */
  costWarningThresholdNanoUsd?: number;
  /** A run whose estimate may cost more than this is rejected. */
  costHardLimitNanoUsd?: number;
}

export type GateDecision =
  | { decision: 'pass' }
  | { decision: 'approval' | 'rejected'; p50NanoUsd: number; p90NanoUsd: number; limitNanoUsd: number };

/** A run that nobody has approved by then is rejected. */
export const APPROVAL_EXPIRES_AFTER_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * Whether a run may begin: the dear end of its estimate counts, and what is equal to a limit is not over it.
 * The hard limit goes first, for no approval can lift it.
 */
export function decideGate(
  estimate: { costNanoUsd: { p50: number; p90: number } },
  limits: GateLimits,
): GateDecision {
  const { p50, p90 } = estimate.costNanoUsd;
  const numbers = { p50NanoUsd: p50, p90NanoUsd: p90 };
  const { costHardLimitNanoUsd: hard, costWarningThresholdNanoUsd: warning } = limits;
  if (hard !== undefined && p90 > hard) return { decision: 'rejected', ...numbers, limitNanoUsd: hard };
  if (warning !== undefined && p90 > warning)
    return { decision: 'approval', ...numbers, limitNanoUsd: warning };
  return { decision: 'pass' };
}
