import { batchEndOf, strictest, widthOf } from '../domain/batches/batch.ts';
import { APPROVAL_EXPIRES_AFTER_MS, decideGate, type GateLimits } from '../domain/gate.ts';
import { given } from '../domain/given.ts';
import { formatUsd } from '../domain/money.ts';
import { type EndedState, isEnded } from '../domain/run.ts';
import type { Batch } from '../store/batches.ts';
import type { BatchNext, BatchRef } from '../workflows/messages.ts';
import { createBatchHold } from './batch-hold.ts';
import { translating } from './failures.ts';
import { heartbeating } from './heartbeat.ts';
import type { ActivityDeps } from './index.ts';

/** A batch looks by itself so often, should a message get lost. */
const LOOK_EVERY_MS = 60_000;

/**
 * One look at a batch, and the next thing that is to be done for it: all that is known lies in the database,
 * so that whoever looks goes on where another was killed.
 */
export function createAdvanceBatch(deps: ActivityDeps) {
  const { batches, runs, settings, startOfBatch } = deps.store;
  const money = createBatchHold(deps);
  const soon = (until = Number.MAX_SAFE_INTEGER): BatchNext => ({
    next: 'wait',
    until: Math.min(until, deps.now().getTime() + LOOK_EVERY_MS),
  });

  /** Its runs have ended, or must not begin; but for those that were added since: they are seen next. */
  async function end(batch: Batch, state: EndedState, code?: string, message = ''): Promise<BatchNext> {
    const { org, _id } = batch;
    await money.release(batch);
    const failure = code === undefined ? {} : { failure: { code, message, fingerprint: code } };
    const ended = await batches.move(org, _id, { state, ...failure }, deps.now(), batch.runs);
    return ended ? { next: 'end' } : soon(0);
  }

  async function reject(batch: Batch, code: string, message: string): Promise<BatchNext> {
    await runs.cancelParked(batch.org, batch._id, deps.now());
    return end(batch, 'rejected', code, message);
  }

  async function cancel(batch: Batch): Promise<BatchNext> {
    const { org, _id } = batch;
    await runs.cancelParked(org, _id, deps.now());
    const open = await runs.openOfBatch(org, _id);
    if (open.length === 0) return end(batch, 'cancelled');
    for (const run of open) {
      await runs.request(org, run._id, { cancelRequested: true });
      // Where its workflow was never started, it is now, to end it.
      if (run.state === 'queued') await deps.starter.start(run);
      await deps.starter.cancel(run._id);
    }
    return soon();
  }

  /** No run begins; those under way pause. Once all is quiet the money goes back. */
  async function pause(batch: Batch): Promise<BatchNext> {
    const { org, _id } = batch;
    const open = await runs.openOfBatch(org, _id);
    for (const run of open.filter(({ state }) => state !== 'paused')) {
      await runs.request(org, run._id, { pauseRequested: true });
      if (run.state === 'queued') await deps.starter.start(run);
      await deps.starter.signal(run._id, 'pause');
    }
    if (open.every(({ state }) => state === 'paused')) {
      await money.release(batch);
      await batches.move(org, _id, { state: 'paused' }, deps.now());
    }
    return soon();
  }

  async function limitsOf({ org, kinds }: Batch): Promise<GateLimits> {
    const each = await Promise.all(kinds.map((kind) => settings.settingsOf(org, kind)));
    return given({
      costWarningThresholdNanoUsd: strictest(each.map((limits) => limits.costWarningThresholdNanoUsd)),
      costHardLimitNanoUsd: strictest(each.map((limits) => limits.costHardLimitNanoUsd)),
    });
  }

  /** @returns undefined where the batch may go on. */
  async function gate(
    batch: Batch,
    estimate: NonNullable<Batch['estimate']>,
  ): Promise<BatchNext | undefined> {
    const { org, _id, approval, waitReason, waitingUntil } = batch;
    const at = deps.now();
    const decision = decideGate(estimate, await limitsOf(batch));
    if (decision.decision === 'rejected') {
      const sum = formatUsd(decision.p90NanoUsd);
      const over = `is over the hard limit of ${formatUsd(decision.limitNanoUsd)}`;
      return reject(batch, 'estimate_over_limit', `the estimates' p90 of ${sum} together ${over}`);
    }
    if (decision.decision === 'approval' && approval?.hash !== estimate.hash) {
      const asked = batch.asked === estimate.hash && waitReason === 'approval' ? waitingUntil : undefined;
      if (asked !== undefined && asked <= at)
        return reject(batch, 'approval_expired', 'nobody approved the estimate in time');
      const until = asked ?? new Date(at.getTime() + APPROVAL_EXPIRES_AFTER_MS);
      await batches.note(org, _id, { asked: estimate.hash });
      await batches.move(org, _id, { state: 'waiting', waitReason: 'approval', waitingUntil: until }, at);
      return soon(until.getTime());
    }
    await batches.note(org, _id, { passed: estimate.hash });
    return undefined;
  }

  /** Lets as many runs begin as there is room for. @returns undefined where all have ended. */
  async function goOn(batch: Batch): Promise<BatchNext | undefined> {
    const { org, _id } = batch;
    const open = await runs.openOfBatch(org, _id);
    const room = Math.max(0, widthOf(batch) - open.length);
    // One more shows whether there are any, where there is no room.
    const parked = await runs.parkedOfBatch(org, _id, room + 1);
    // Let go by somebody who was killed before it was started.
    for (const run of open) if (run.state === 'queued') await deps.starter.start(run);
    if (parked.length === 0 && open.length === 0) return undefined;
    const next = parked.slice(0, room);
    if (next.length > 0) {
      const denied = await money.take(batch, next);
      if (denied !== undefined) {
        const { reason: waitReason, budget: waitBudget, until: waitingUntil } = denied;
        await batches.move(org, _id, { state: 'waiting', waitReason, waitBudget, waitingUntil }, deps.now());
        return soon(waitingUntil.getTime());
      }
      if (batch.waitReason === 'budget' || batch.waitReason === 'circuit_open') await deps.starter.wake(org);
      await batches.move(org, _id, { state: 'running' }, deps.now());
    }
    for (const { _id: id } of next) {
      const run = await startOfBatch(batch, id, deps.now());
      if (run !== undefined) await deps.starter.start(run);
    }
    await batches.move(org, _id, { state: 'running' }, deps.now());
    return soon();
  }

  async function endOf(batch: Batch): Promise<BatchNext> {
    const ended: Partial<Record<EndedState, number>> = {};
    for (const { state, runs: count } of await runs.countBatch(batch.org, batch._id))
      if (isEnded(state)) ended[state] = (ended[state] ?? 0) + count;
    return end(batch, batchEndOf(ended));
  }

  return translating(
    async ({ org, batch: id }: BatchRef): Promise<BatchNext> =>
      heartbeating(async () => {
        const batch = await batches.takeTurn(org, id, deps.now());
        if (batch === undefined) return { next: 'end' };
        if (batch.cancelRequested) return cancel(batch);
        if (batch.pauseRequested) return pause(batch);
        const { estimate, estimated, passed } = batch;
        if (estimate === undefined || estimated !== batch.runs) {
          await batches.move(org, id, { state: 'estimating' }, deps.now());
          return { next: 'estimate' };
        }
        const stopped = passed === estimate.hash ? undefined : await gate(batch, estimate);
        return stopped ?? (await goOn(batch)) ?? endOf(batch);
      }),
  );
}
