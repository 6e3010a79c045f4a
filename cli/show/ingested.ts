import type { ApiIngestedJobs } from '../../api/jobs.ts';
import { plural, usd, wholeNumber } from './format.ts';

const SHOWN_PROBLEMS = 20;

/** What became of a file of jobs: the counts, and the first problems. */
export function ingestedLines(answer: ApiIngestedJobs): string[] {
  const { inserted, updated, unchanged, failed, costUsd, errors } = answer;
  const counts = Object.entries({ inserted, updated, unchanged, failed });
  const words = counts.map(([name, count]) => `${wholeNumber(count)} ${name}`).join(', ');
  const shown = errors.slice(0, SHOWN_PROBLEMS);
  const more =
    failed > 0 && errors.length > shown.length ? [`… and more; --json shows ${errors.length}`] : [];
  return [
    `${plural(inserted + updated + unchanged + failed, 'job')}: ${words}; ${usd(costUsd)} together.`,
    ...shown.map(({ line, field, problem }) => `line ${line}: ${field} ${problem}`),
    ...more,
  ];
}
