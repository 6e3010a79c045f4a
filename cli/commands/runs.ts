import { isEnded, type RunState } from '../../domain/run.ts';
import type { Run } from '../client/client.ts';
import type { CommandContext } from '../context.ts';
import { EXIT, exitCodeOfRun } from '../exit-codes.ts';
import { followRun } from '../follow-run.ts';
import { type Session, withSession } from '../session.ts';
import { localTime, plural, shorten, usd, usdBand, wholeNumber } from '../show/format.ts';
import { doneText, elapsedOf, shownState } from '../show/run-display.ts';
import { failureLines } from '../show/run-summary.ts';
import { tableLines } from '../show/table.ts';

/** For looking at things; runs themselves stand still meanwhile. */
const LOOKING = { temporal: false, command: 'runs' };

/** `bursar runs list` */
export async function listRuns(
  context: CommandContext,
  { state, limit }: { state?: string; limit: number },
): Promise<number> {
  const { output } = context;
  return withSession(context, LOOKING, async ({ client }) => {
    const page = await client.runs({ limit: String(limit), ...(state === undefined ? {} : { state }) });
    output.result(page);
    if (page.runs.length === 0) {
      const which = state === undefined ? 'No runs yet' : `No run is ${state.replaceAll('_', ' ')}`;
      output.line(`${which}. Start one with: bursar document <manifest or folder>`);
      return EXIT.done;
    }
    const columns = [
      { title: 'run' },
      { title: 'state' },
      { title: 'objects', align: 'right' as const },
      { title: 'failed', align: 'right' as const },
      { title: 'cost', align: 'right' as const },
      { title: 'created' },
      { title: 'took', align: 'right' as const },
    ];
    const rows = page.runs.map((run) => [
      run.id,
      shownState(run),
      `${wholeNumber(run.progress.processed)}/${wholeNumber(run.progress.total)}`,
      wholeNumber(run.progress.failed),
      usd(run.cost.actualUsd),
      localTime(run.createdAt),
      elapsedOf(run),
    ]);
    for (const line of tableLines(columns, rows, output.style.bold)) output.line(line);
    if (page.has_more) output.line(`${wholeNumber(page.total - page.runs.length)} more (--limit 100)`);
    return EXIT.done;
  });
}

/** `bursar runs show` */
export async function showRun(context: CommandContext, id: string): Promise<number> {
  const { output } = context;
  return withSession(context, LOOKING, async ({ client }) => {
    const run = await client.run(id);
    output.result(run);
    for (const line of runLines(run)) output.line(line);
    if (run.progress.failed > 0)
      for (const line of failureLines((await client.runErrors(id)).groups, output)) output.line(line);
    return EXIT.done;
  });
}

/** `bursar runs errors` */
export async function listErrors(context: CommandContext, id: string): Promise<number> {
  const { output } = context;
  return withSession(context, LOOKING, async ({ client }) => {
    const page = await client.runErrors(id, { limit: '100' });
    output.result(page);
    if (page.groups.length === 0) output.line('No object of this run has failed.');
    for (const line of failureLines(page.groups, output)) output.line(line);
    if (page.errors.length > 0) output.line();
    const columns = [
      { title: 'object' },
      { title: 'attempts', align: 'right' as const },
      { title: 'code' },
      { title: 'message' },
    ];
    const rows = page.errors.map(({ object, attempts, code, message }) => [
      object,
      String(attempts),
      code,
      shorten(message, 90),
    ]);
    if (rows.length > 0) for (const line of tableLines(columns, rows, output.style.bold)) output.line(line);
    if (page.has_more) output.line(`and ${plural(page.total - page.errors.length, 'more failure')}`);
    return EXIT.done;
  });
}

/** `bursar runs watch`; own services carry the run on for as long as it is watched. */
export async function watchRun(
  context: CommandContext,
  id: string,
  { wait }: { wait?: boolean },
): Promise<number> {
  return withSession(context, { temporal: true, command: 'runs watch' }, async (session) =>
    followToEnd(context, session, await session.client.run(id), wait === true),
  );
}

/** Follows a run and prints how it ended. @returns the exit code */
export async function followToEnd(
  context: CommandContext,
  session: Session,
  first: Run,
  wait: boolean,
): Promise<number> {
  const { output, interrupts } = context;
  const watchCommand = `bursar runs watch ${first.id}${session.urlOption}`;
  const run = await followRun(first, {
    client: session.patient,
    output,
    interrupts,
    wait,
    onInterrupt: 'leave',
  });
  output.result(run);
  for (const line of runLines(run)) output.line(line);
  if (isEnded(run.state as RunState)) return exitCodeOfRun(run as Parameters<typeof exitCodeOfRun>[0]);
  if (interrupts.first.aborted) {
    output.note(`The run goes on${session.own ? ' when services run again' : ''}: ${watchCommand}`);
    return EXIT.cancelled;
  }
  return exitCodeOfRun(run as Parameters<typeof exitCodeOfRun>[0]);
}

/** A run in a few lines. */
export function runLines(run: Run): string[] {
  const { tokens, cost, options, progress } = run;
  const estimated = cost.estimatedUsd === null ? '' : ` (estimated ${usdBand(cost.estimatedUsd)})`;
  const facts: [string, string][] = [
    ['run', `${run.id}${run.round > 1 ? `, round ${run.round}` : ''}`],
    ['state', shownState(run)],
    ['objects', `${doneText(run)} (${progress.percent}%)`],
    ['message', run.message],
    ['model', `${options.model}, ${options.concurrency} at a time`],
    ['tokens', `${wholeNumber(tokens.input)} in, ${wholeNumber(tokens.output)} out`],
    ['cost', `${usd(cost.actualUsd)}${estimated}`],
    ['created', localTime(run.createdAt)],
    ['took', elapsedOf(run)],
    ['failure', run.failure === null ? '' : `${run.failure.code}: ${run.failure.message}`],
    ['Temporal', run.temporalUrl ?? ''],
  ];
  return facts.filter(([, value]) => value !== '').map(([name, value]) => `${name.padEnd(9)} ${value}`);
}
