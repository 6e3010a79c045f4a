import { createHash } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { sumEstimates } from '../domain/batches/batch.ts';
import { fingerprintOf } from '../domain/fingerprint.ts';
import { isEnded } from '../domain/run.ts';
import type { Run } from '../store/run-record.ts';
import type { BatchRef } from '../workflows/messages.ts';
import { createEstimate } from './estimate.ts';
import { translating } from './failures.ts';
import { heartbeating } from './heartbeat.ts';
import type { ActivityDeps } from './index.ts';
import { createPlan } from './plan.ts';

/** Plans and estimates at a time: reading a large project takes memory. */
const AT_ONCE = 4;
/** A bug that has stopped the estimate so often is that of one run. */
const ATTEMPTS = 5;

/**
 * Plans and estimates each run of a batch that nobody has estimated yet, and adds the estimates of all up. A
 * run for which that cannot be done has failed; the others go on. Repeatable.
 */
export function createEstimateBatch(deps: ActivityDeps) {
  const { batches, runs } = deps.store;
  const plan = createPlan(deps);
  const estimate = createEstimate(deps);

  async function estimateRun({ org, _id, round }: Run): Promise<void> {
    const of = { org, runId: _id, round };
    try {
      await plan(of);
      await estimate(of);
    } catch (error) {
      const attempts = Context.current().info.attempt;
      if (!(error instanceof ApplicationFailure)) throw error;
      if (!error.nonRetryable && (error.type !== 'unexpected' || attempts < ATTEMPTS)) throw error;
      const code = error.type ?? 'unexpected';
      const failure = { code, message: error.message, fingerprint: fingerprintOf(code, error.message) };
      // One that somebody has cancelled meanwhile is not parked any more.
      if ((await runs.letGo(org, _id)) !== undefined)
        await runs.move(org, _id, { state: 'failed', failure }, round);
    }
  }

  return translating(
    async ({ org, batch: id }: BatchRef): Promise<void> =>
      heartbeating(async () => {
        for (;;) {
          const batch = await batches.find(org, id);
          if (batch === undefined || isEnded(batch.state)) return;
          if (batch.cancelRequested || batch.pauseRequested) return;
          const next = await runs.unestimatedOfBatch(org, id, AT_ONCE);
          await Promise.all(next.map(estimateRun));
          if (next.length > 0) continue;
          const known = (await runs.estimatesOfBatch(org, id)).flatMap(
            ({ externalId = '', estimate: each }) =>
              each === undefined ? [] : [{ externalId, estimate: each }],
          );
          const { sum, bound } = sumEstimates(known);
          const hash = createHash('sha256').update(bound).digest('hex');
          await batches.note(org, id, { estimate: { ...sum, hash }, estimated: batch.runs });
          return;
        }
      }),
  );
}
