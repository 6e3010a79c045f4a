import { isEnded, type RunState } from '../../domain/run.ts';
import type { Batch, BatchEstimate } from '../client/batches.ts';
import { duration, localTime, plural, shorten, usd, usdBand, wholeNumber } from './format.ts';
import type { Output } from './output.ts';
import { tableLines } from './table.ts';

const SAY_EVERY_MS = 10_000;

/** Runs that have ended, in whatever way. */
function endedRuns({ progress }: Batch): number {
  return Object.values(progress.ended).reduce((sum, count) => sum + count, 0);
}

function batchState({ state, waitReason }: Batch): string {
  const why = waitReason === null ? '' : ` (${waitReason.replaceAll('_', ' ')})`;
  return `${state.replaceAll('_', ' ')}${why}`;
}

/** `2/5 runs  14/40 objects  1 failed  3 min left  $0.02`. */
function progressText(batch: Batch): string {
  const { total, items, etaSeconds } = batch.progress;
  return [
    `${wholeNumber(endedRuns(batch))}/${wholeNumber(total)} runs`,
    `${wholeNumber(items.processed + items.failed)}/${wholeNumber(items.total)} objects`,
    ...(items.failed > 0 ? [`${wholeNumber(items.failed)} failed`] : []),
    ...(etaSeconds === null || etaSeconds === 0 ? [] : [`${duration(etaSeconds)} left`]),
    usd(batch.cost.actualUsd),
  ].join('  ');
}

export function batchLines(batch: Batch): string[] {
  const { cost, progress, failure, approval } = batch;
  const states = Object.entries(progress.ended).filter(([, count]) => count > 0);
  const ended = states.map(([state, count]) => `${wholeNumber(count)} ${state.replaceAll('_', ' ')}`);
  const estimated = cost.estimatedUsd === null ? '' : `, estimated ${usdBand(cost.estimatedUsd)}`;
  const held = cost.heldUsd > 0 ? `, ${usd(cost.heldUsd)} held` : '';
  const named = batch.name === null ? '' : ` "${batch.name}"`;
  const until = batch.waitingUntil === null ? '' : ` until ${localTime(batch.waitingUntil)}`;
  const budget = batch.waitBudget === null ? '' : `: ${batch.waitBudget.name}`;
  return [
    `Batch ${batch.id}${named}: ${batchState(batch)}${budget}${until}`,
    progressText(batch) + (ended.length === 0 ? '' : ` (${ended.join(', ')})`),
    `cost ${usd(cost.actualUsd)}${estimated}${held}`,
    ...(approval === null ? [] : [`approved by ${approval.by} at ${localTime(approval.at)}`]),
    ...(failure === null ? [] : [`${failure.code}: ${failure.message}`]),
  ];
}

export function batchTable(batches: Batch[], bold: (text: string) => string): string[] {
  const right = { align: 'right' as const };
  const columns = [
    ...[{ title: 'batch' }, { title: 'name' }, { title: 'state' }],
    ...[{ title: 'runs', ...right }, { title: 'cost', ...right }, { title: 'created' }],
  ];
  const rows = batches.map((batch) => [
    batch.id,
    shorten(batch.name ?? '–', 40),
    batchState(batch),
    `${wholeNumber(endedRuns(batch))}/${wholeNumber(batch.progress.total)}`,
    usd(batch.cost.actualUsd),
    localTime(batch.createdAt),
  ]);
  return tableLines(columns, rows, bold);
}

export function batchEstimateLine({ runs, items, calls, costUsd }: BatchEstimate): string {
  const what = `${plural(runs, 'run')}, ${plural(items, 'object')}, ${plural(calls, 'call')}`;
  return `${what}: ${usdBand(costUsd)} together.`;
}

/** A bar over all runs where somebody looks, else a line at every change of state and every ten seconds. */
export async function showBatchProgress(output: Output) {
  let [last, lastAt] = ['', 0];
  const { SingleBar, Presets } = (await import('cli-progress')).default;
  const settings = { stream: process.stderr, clearOnComplete: true, format: '{bar} {percentage}%  {text}' };
  const bar = output.live
    ? new SingleBar({ ...settings, linewrap: false }, Presets.shades_classic)
    : undefined;
  bar?.start(100, 0, { text: '' });
  return {
    show(batch: Batch): void {
      const state = batchState(batch);
      const text = batch.state === 'running' ? progressText(batch) : `${state}  ${progressText(batch)}`;
      bar?.update(Math.floor(batch.progress.percent), { text });
      const silent = state === last && Date.now() - lastAt < SAY_EVERY_MS;
      if (bar !== undefined || silent || isEnded(batch.state as RunState)) return;
      [last, lastAt] = [state, Date.now()];
      output.note(`${state}: ${progressText(batch)}`);
    },
    close: () => bar?.stop(),
  };
}
