import { dayNumberOf, firstInstantOf } from '../domain/budgets/zones.ts';
import { invalidInput } from '../domain/errors.ts';
import { given } from '../domain/given.ts';
import type { Overlap } from '../domain/schedules/schedule.ts';
import type { NewSchedule } from './client/schedules.ts';
import type { DocumentOptions } from './commands/document.ts';
import { documentationRun } from './run-request.ts';

type RunOptions = Pick<
  DocumentOptions,
  | 'select'
  | 'layers'
  | 'concurrency'
  | 'maxRetries'
  | 'model'
  | 'skipExisting'
  | 'regenerateAll'
  | 'team'
  | 'queue'
  | 'user'
  | 'priority'
  | 'maxCost'
>;

/** What `schedules create` can be told. */
export interface NewScheduleOptions extends RunOptions {
  cron: string;
  timeZone?: string;
  overlap?: Overlap;
  kind: string;
  project?: string;
  input?: string;
  catchup?: number;
  jitter?: number;
  from?: string;
  until?: string;
  paused?: boolean;
  note?: string;
}

/** @throws AppError `invalid_input` for what cannot be right whatever the API says. */
export function checkScheduleOptions({ kind, project, input, select, layers }: NewScheduleOptions): void {
  if (project !== undefined && kind !== 'documentation')
    throw invalidInput(`--project belongs to the kind documentation: give the input of ${kind} with --input`);
  if ((project === undefined) === (input === undefined))
    throw invalidInput(
      'say what is to be run: --project NAME (documentation), or --input FILE with its JSON',
    );
  if (input !== undefined && (select ?? layers) !== undefined)
    throw invalidInput('--select and --layers belong to --project: write them into the file of --input');
}

/** What `schedules create` sends. @param input of its runs; that of documentation names the project */
export function newScheduleOf(name: string, options: NewScheduleOptions, input: object): NewSchedule {
  const { cron, timeZone, overlap, kind, paused, note } = options;
  const { catchup: catchupWindowSeconds, jitter: jitterSeconds, from: startAt, until: endAt } = options;
  const run = documentationRun('', options as DocumentOptions);
  const { projectId: _, ...asked } = run.input;
  return {
    ...run,
    kind,
    input: { ...asked, ...input },
    name,
    cron,
    ...given({ timeZone, overlap, paused, note, catchupWindowSeconds, jitterSeconds, startAt, endAt }),
  } as NewSchedule;
}

/** What `schedules backfill` asks for: days are the schedule's own, and the last is part of it. */
export function backfillSpan(from: string, to: string, timeZone: string, now: Date) {
  const [first, last] = [dayNumberOf(from), dayNumberOf(to)];
  const start = first === undefined ? momentOf('--from', from) : firstInstantOf(first, timeZone);
  const end = last === undefined ? momentOf('--to', to) : firstInstantOf(last + 1, timeZone) - 1;
  // The day that is today ends now.
  const bounded = last === undefined ? end : Math.min(end, now.getTime());
  return { start: new Date(start).toISOString(), end: new Date(bounded).toISOString() };
}

function momentOf(option: string, text: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw invalidInput(`${option} ${text} is neither a day (2026-01-31) nor a time`);
  return at;
}
