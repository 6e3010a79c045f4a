import { count } from '../domain/message.ts';
import { formatUsd, toUsd } from '../domain/money.ts';
import { percentOf } from '../domain/progress.ts';
import { ENDED_STATES, type EndedState, isEnded, shownState } from '../domain/run.ts';
import type { Batch } from '../store/batches.ts';
import type { BatchGroup } from '../store/run-batches.ts';
import type { Run } from '../store/run-record.ts';
import type { ApiBatch, ApiBatchResult } from './batch-schemas.ts';
import type { ApiDeps } from './deps.ts';
import { toUsdBand } from './estimate-view.ts';

/** A batch as the API shows it everywhere. */
export async function toApiBatch({ store }: ApiDeps, batch: Batch): Promise<ApiBatch> {
  const { org, _id, estimate, failure, approval, waitBudget } = batch;
  const ended = isEnded(batch.state);
  const [groups, open, budget] = await Promise.all([
    store.runs.countBatch(org, _id),
    ended ? [] : store.runs.openOfBatch(org, _id),
    waitBudget === undefined ? undefined : store.budgets.find(org, waitBudget),
  ]);
  const held = ended ? new Map() : await store.holds.heldBy(org, [_id, ...open.map((run) => run._id)]);
  const progress = progressOf(batch, groups);
  const actual = sumOf(groups, ({ costNanoUsd }) => costNanoUsd);
  const state = shownState(batch);
  const parts = [`${sumOf(groups, endedOf)} of ${count(progress.total, 'run')}`, formatUsd(actual)];
  return {
    id: _id,
    name: batch.name ?? null,
    state,
    waitReason: batch.waitReason ?? null,
    waitingSince: toTime(batch.waitingSince),
    waitingUntil: toTime(batch.waitingUntil),
    waitBudget: waitBudget === undefined ? null : { id: waitBudget, name: budget?.name ?? waitBudget },
    message: `${wordsOf(state, batch)}: ${parts.join(', ')}`,
    order: batch.order,
    parallelism: batch.parallelism,
    progress,
    cost: {
      estimatedUsd: estimate === undefined ? null : toUsdBand(estimate.costNanoUsd),
      estimateHash: estimate?.hash ?? null,
      heldUsd: toUsd([...held.values()].reduce((sum, each) => sum + each, 0)),
      actualUsd: toUsd(actual),
    },
    approval: approval === undefined ? null : { by: approval.by, at: approval.at.toISOString() },
    failure: failure === undefined ? null : { code: failure.code, message: failure.message },
    createdBy: batch.createdBy,
    createdAt: batch.createdAt.toISOString(),
    startedAt: toTime(batch.startedAt),
    endedAt: toTime(batch.endedAt),
  };
}

function progressOf(batch: Batch, groups: BatchGroup[]): ApiBatch['progress'] {
  const inState = (state: EndedState) => sumOf(groups, (group) => (group.state === state ? group.runs : 0));
  const items = {
    total: sumOf(groups, (group) => group.items),
    processed: sumOf(groups, ({ processed }) => processed),
    failed: sumOf(groups, ({ failed }) => failed),
  };
  const ended = Object.fromEntries(ENDED_STATES.map((state) => [state, inState(state)]));
  return {
    total: batch.runs,
    parked: sumOf(groups, ({ parked, runs }) => (parked ? runs : 0)),
    ended: ended as ApiBatch['progress']['ended'],
    items,
    percent:
      isEnded(batch.state) && batch.state !== 'cancelled'
        ? 100
        : percentOf({ ...items, done: items.processed, reused: 0 }),
    etaSeconds: etaOf(batch, items),
  };
}

/** At the pace since its first run began; null before there is one. */
function etaOf({ state, startedAt }: Batch, items: ApiBatch['progress']['items']): number | null {
  const done = items.processed + items.failed;
  if (state !== 'running' || startedAt === undefined || done === 0) return null;
  const seconds = (Date.now() - startedAt.getTime()) / 1000;
  return Math.ceil((seconds / done) * (items.total - done));
}

function endedOf({ state, runs }: BatchGroup): number {
  return isEnded(state) ? runs : 0;
}

function sumOf(groups: BatchGroup[], valueOfGroup: (group: BatchGroup) => number): number {
  return groups.reduce((sum, group) => sum + valueOfGroup(group), 0);
}

function wordsOf(state: string, { waitReason }: Batch): string {
  if (state !== 'waiting') return state.replaceAll('_', ' ');
  return waitReason === 'approval' ? 'waits for approval of its estimate' : 'waits for a budget';
}

/** One line of the result file. */
export function toApiResult(run: Run): ApiBatchResult {
  const { total, done, reused, failed, calls, inputTokens, outputTokens, costNanoUsd } = run.counters;
  return {
    externalId: run.externalId ?? '',
    runId: run._id,
    kind: run.kind,
    state: run.state,
    items: { total, done, reused, failed },
    calls,
    tokens: { input: inputTokens, output: outputTokens },
    estimatedUsd: run.estimate === undefined ? null : toUsdBand(run.estimate.costNanoUsd),
    costUsd: toUsd(costNanoUsd),
    error: run.failure === undefined ? null : { code: run.failure.code, message: run.failure.message },
    startedAt: toTime(run.startedAt),
    endedAt: toTime(run.endedAt),
  };
}

function toTime(date: Date | undefined): string | null {
  return date?.toISOString() ?? null;
}
