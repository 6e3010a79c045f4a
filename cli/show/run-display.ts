import { isEnded, type RunState } from '../../domain/run.ts';
import type { Run } from '../client/client.ts';
import { duration, durationBand, localTime, plural, shorten, usd, wholeNumber } from './format.ts';
import type { Output } from './output.ts';

/** Shows a run as it goes on. */
export interface RunDisplay {
  show(run: Run): void;
  /** A line above what is drawn. */
  note(text: string): void;
  close(last: Run): void;
}

const BAR_WIDTH = 24;
const SAY_EVERY_MS = 10_000;
const DRAW_EVERY_MS = 100;

/**
 * A bar that is drawn over on a terminal; a line at every change of state and every ten seconds elsewhere.
 */
export function createRunDisplay(output: Output): RunDisplay {
  return output.live ? liveDisplay(output) : lineDisplay(output);
}

function lineDisplay(output: Output): RunDisplay {
  let lastState = '';
  let lastAt = 0;
  return {
    show(run) {
      const state = `${run.state} ${run.waitReason ?? ''}`;
      const now = Date.now();
      if (isEnded(run.state as RunState)) return;
      if (state === lastState && now - lastAt < SAY_EVERY_MS) return;
      lastState = state;
      lastAt = now;
      output.note(run.progress.total === 0 ? shownState(run) : `${shownState(run)}: ${progressText(run)}`);
    },
    note: (text) => output.note(text),
    close() {},
  };
}

/** The bar is drawn by hand-picked parts: cli-progress supplies drawing over and the terminal's cursor. */
function liveDisplay(output: Output): RunDisplay {
  let bar: import('cli-progress').SingleBar | undefined;
  let latest: Run | undefined;
  let closed = false;
  const ready = import('cli-progress').then(({ default: { SingleBar, Presets } }) => {
    if (closed || latest === undefined) return;
    bar = new SingleBar(
      {
        stream: process.stderr,
        fps: 1000 / DRAW_EVERY_MS,
        barsize: BAR_WIDTH,
        hideCursor: true,
        clearOnComplete: true,
        linewrap: false,
        gracefulExit: false,
        format: () => (latest === undefined ? '' : barLine(latest, output, process.stderr.columns ?? 80)),
      },
      Presets.shades_classic,
    );
    bar.start(Math.max(1, latest.progress.total), 0);
  });
  ready.catch(() => {});
  return {
    show(run) {
      latest = run;
      bar?.setTotal(Math.max(1, run.progress.total));
      bar?.update(run.progress.processed + run.progress.failed);
    },
    note(text) {
      bar?.stop();
      output.note(text);
      if (latest !== undefined) bar?.start(Math.max(1, latest.progress.total), latest.progress.processed);
    },
    close(last) {
      closed = true;
      latest = last;
      bar?.stop();
    },
  };
}

/**
 * One line that fits the terminal: bar, share, counts, rate, time left, cost, and what is being worked on.
 */
export function barLine(run: Run, output: Output, width: number): string {
  const ended = run.progress.processed + run.progress.failed;
  const share = run.progress.total === 0 ? 0 : ended / run.progress.total;
  const filled = Math.round(share * BAR_WIDTH);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
  const percent = run.progress.total === 0 ? 0 : Math.floor(run.progress.percent);
  const text = ` ${percent}%  ${progressText(run)}`;
  const state = run.state === 'running' ? '' : `  ${shownState(run)}`;
  return `${output.style.good(bar)}${shorten(`${text}${state}`, Math.max(10, width - BAR_WIDTH - 1))}`;
}

function progressText(run: Run): string {
  const { processed, failed, reused, total, itemsPerSecond, etaSeconds, current } = run.progress;
  const parts = [
    ...(total === 0 ? [] : [`${wholeNumber(processed + failed)}/${wholeNumber(total)}`]),
    ...(failed > 0 ? [`${wholeNumber(failed)} failed`] : []),
    ...(reused > 0 ? [`${wholeNumber(reused)} reused`] : []),
    ...(itemsPerSecond > 0 ? [`${itemsPerSecond.toFixed(itemsPerSecond < 10 ? 1 : 0)}/s`] : []),
    ...(etaSeconds === null || etaSeconds.p50 === 0 ? [] : [`${durationBand(etaSeconds)} left`]),
    usd(run.cost.actualUsd),
    ...(current === null ? [] : [current]),
  ];
  return parts.join('  ');
}

/** The state in words, and for a waiting run why, since when and until when. */
export function shownState(run: Run): string {
  if (run.parked) return 'parked';
  if (run.state !== 'waiting') return run.state.replaceAll('_', ' ');
  const since = run.waitingSince === null ? '' : ` since ${localTime(run.waitingSince)}`;
  const until = run.waitingUntil === null ? '' : ` until ${localTime(run.waitingUntil)}`;
  return `waiting (${(run.waitReason ?? '').replaceAll('_', ' ')}${since}${until})`;
}

/** How long a run took, or takes so far. */
export function elapsedOf(run: Run, now = Date.now()): string {
  if (run.startedAt === null) return '–';
  const end = run.endedAt === null ? now : Date.parse(run.endedAt);
  return duration((end - Date.parse(run.startedAt)) / 1000);
}

/** `12 of 15 models`-like words for what is done. */
export function doneText(run: Run): string {
  const { done, failed, reused, total } = run.progress;
  const parts = [
    `${wholeNumber(done)} ${run.kind === 'documentation' ? 'documented' : 'done'}`,
    ...(reused > 0 ? [`${wholeNumber(reused)} reused`] : []),
    ...(failed > 0 ? [`${wholeNumber(failed)} failed`] : []),
  ];
  return `${plural(total, 'object')}: ${parts.join(', ')}`;
}
