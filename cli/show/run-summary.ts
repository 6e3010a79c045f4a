import type { Run } from '../client/client.ts';
import type { ExportSummary } from '../export-project.ts';
import type { RunOutcome } from '../run-outcome.ts';
import { plural, shorten, usd, usdBand, wholeNumber } from './format.ts';
import type { Output } from './output.ts';
import { doneText, elapsedOf, shownState } from './run-display.ts';
import { tableLines } from './table.ts';

const SHOWN_DRIFT = 20;
const SHOWN_SKIPPED = 10;
export const UNDECLARED = 'produced_but_not_declared';

/** How a documentation run went. */
export function runSummaryLines(run: Run, outcome: RunOutcome, output: Output): string[] {
  return costLines(run, output, `${plural(outcome.columnsDescribed, 'column')} described, `);
}

/** How a run went: state, counts, cost against estimate. */
export function costLines(run: Run, { style }: Output, what = ''): string[] {
  const { estimatedUsd, actualUsd } = run.cost;
  const estimated = estimatedUsd === null ? '' : ` (estimated ${usdBand(estimatedUsd)})`;
  const done = `${what}${plural(run.calls, 'call')}`;
  const tokens = `${wholeNumber(run.tokens.input)} tokens in, ${wholeNumber(run.tokens.output)} out`;
  const paint =
    run.state === 'completed' ? style.good : run.state === 'cancelled' ? style.warning : style.bad;
  return [
    `${paint(shownState(run))} in ${elapsedOf(run)}: ${doneText(run)}`,
    `${done}, ${tokens}, ${usd(actualUsd)}${estimated}`,
    ...(run.failure === null ? [] : [style.bad(`${run.failure.code}: ${run.failure.message}`)]),
  ];
}

/**
 * What people wrote and the code contradicts, one by one; columns that nobody declared yet only as a count.
 */
export function driftLines(drift: RunOutcome['drift'], { style }: Output): string[] {
  const told = drift.filter(({ kind }) => kind !== UNDECLARED);
  const undeclared = drift.length - told.length;
  const shown = told.slice(0, SHOWN_DRIFT).map(({ object, column, message }) => {
    return `  ${column === undefined ? object : `${object}.${column}`}: ${message}`;
  });
  const more = told.length > SHOWN_DRIFT ? [`  and ${told.length - SHOWN_DRIFT} more (see the pages)`] : [];
  const what = `${plural(told.length, 'contradiction')} between the project's words and its code:`;
  return [
    ...(told.length === 0 ? [] : [style.warning(what), ...shown, ...more]),
    ...(undeclared === 0
      ? []
      : [`${plural(undeclared, 'column is', 'columns are')} produced that no file of the project declares.`]),
  ];
}

/** Failures, the commonest first. */
export function failureLines(groups: RunOutcome['errors'], { style }: Output): string[] {
  if (groups.length === 0) return [];
  const rows = groups.map(({ count, code, message, example, fingerprint }) => [
    wholeNumber(count),
    code,
    shorten(message, 70),
    example,
    fingerprint,
  ]);
  const columns = [
    { title: 'count', align: 'right' as const },
    { title: 'code' },
    { title: 'message' },
    { title: 'for example' },
    { title: 'fingerprint' },
  ];
  return [style.bad('Failed:'), ...tableLines(columns, rows, style.bold)];
}

/** Where the files lie, and what the patch could not place. */
export function exportLines(folder: string, summary: ExportSummary): string[] {
  const { pages, patches, added, kept, skipped } = summary;
  const texts = `${plural(added, 'description')} added, ${wholeNumber(kept)} of people kept`;
  const patched =
    patches === 0
      ? 'no yml file to patch'
      : `${plural(patches, 'yml file')} in ${folder}/schema-patch with ${texts}`;
  const reasons = skipped.slice(0, SHOWN_SKIPPED).map(({ object, column, reason }) => {
    return `  ${column === undefined ? object : `${object}.${column}`} not in the patch: ${reason}`;
  });
  const more = skipped.length > SHOWN_SKIPPED ? [`  and ${skipped.length - SHOWN_SKIPPED} more`] : [];
  return [
    `${plural(pages, 'page')} in ${folder} (start with ${folder}/index.md); ${patched}`,
    ...reasons,
    ...more,
  ];
}
