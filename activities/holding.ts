import { APPROVAL_EXPIRES_AFTER_MS, decideGate } from '../domain/gate.ts';
import { formatUsd } from '../domain/money.ts';
import type { Approval, Blocked as BlockedResult, GateResult } from '../workflows/messages.ts';
import { translating } from './failures.ts';
import { heartbeating } from './heartbeat.ts';
import { Blocked, blockedResult } from './hold-book.ts';
import { type ActivityDeps, lineOf, loadRun, modelsOf, type RunRef } from './index.ts';
import { recoverDraws } from './recover-draws.ts';

/** The money of a run before, between and after its items. All can be repeated. */
export function createHolding(deps: ActivityDeps) {
  const { store } = deps;
  return {
    /** Whether the run may begin, by its estimate and the organization's limits. */
    decideGate: translating(async (of: RunRef): Promise<GateResult> => {
      const run = await store.runs.find(of.org, of.runId);
      if (run?.estimate === undefined) throw new Error(`run ${of.runId} has no estimate`);
      const decision = decideGate(run.estimate, await store.settings.settingsOf(of.org, run.kind));
      if (decision.decision === 'pass') return { gate: 'pass' };
      // Somebody has approved the sum of its batch, or nobody needed to; a retry is decided on by itself.
      const inBatch = run.batch !== undefined && run.round === 1;
      if (inBatch && decision.decision === 'approval') return { gate: 'pass' };
      const { p90NanoUsd, limitNanoUsd } = decision;
      if (decision.decision === 'rejected') {
        const message = `the estimate's p90 of ${formatUsd(p90NanoUsd)} is over the hard limit of`;
        return {
          gate: 'rejected',
          code: 'estimate_over_limit',
          message: `${message} ${formatUsd(limitNanoUsd)}`,
        };
      }
      const expiresAt = deps.now().getTime() + APPROVAL_EXPIRES_AFTER_MS;
      return { gate: 'approval', hash: run.estimate.hash, expiresAt };
    }),
    /** Notes who approved, and limits what the run may cost where the approval says so. */
    acceptApproval: translating(async (of: RunRef & Approval): Promise<void> => {
      const { hash, by, capNanoUsd } = of;
      const at = deps.now();
      await store.runs.approve(of.org, of.runId, {
        hash,
        by,
        at,
        ...(capNanoUsd !== undefined && { capNanoUsd }),
      });
      if (capNanoUsd !== undefined) await store.budgetPeriods.setCap(of.org, of.runId, capNanoUsd, at);
    }),
    /**
     * Takes money for the run out of every budget that it falls under; at least `needed` nano-dollars. Where
     * the budgets of its model have nothing left, those of the next one may. A run that gets it lets the next
     * one that waits have a look.
     */
    acquireHold: translating(
      async (of: RunRef & { needed: number }): Promise<{ outcome: 'granted' } | BlockedResult> => {
        const run = await loadRun(deps, of);
        let denied: BlockedResult | undefined;
        for (const model of modelsOf(run.context.options)) {
          try {
            await deps.holdBook.prepare(await lineOf(deps, run, model), Math.max(1, of.needed));
          } catch (error) {
            if (!(error instanceof Blocked)) throw error;
            denied ??= blockedResult(error);
            continue;
          }
          if (run.state === 'waiting') await deps.starter.wake(of.org, of.runId);
          return { outcome: 'granted' };
        }
        if (denied === undefined) throw new Error(`run ${of.runId} names no model`);
        return denied;
      },
    ),
    /**
     * Settles what died processes have left open and gives back what the run's holds keep; to be called while
     * nothing of it is under way.
     */
    releaseHolds: translating(
      async (of: RunRef): Promise<void> =>
        heartbeating(async () => {
          deps.holdBook.forgetRun(of.runId);
          await recoverDraws(deps, { org: of.org, run: of.runId });
          let freed = 0;
          for (const hold of await store.holds.unsettledOf(of.org, of.runId))
            freed += await store.release(hold, deps.now());
          if (freed > 0) await deps.starter.wake(of.org, of.runId);
        }),
    ),
  };
}
