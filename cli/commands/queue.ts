import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { invalidInput } from '../../domain/errors.ts';
import { isEnded, type RunState } from '../../domain/run.ts';
import type { Client, Run } from '../client/client.ts';
import type { CommandContext } from '../context.ts';
import { EXIT, exitCodeOfRun, Interrupted } from '../exit-codes.ts';
import { withSession } from '../session.ts';
import { confirm } from '../show/confirm.ts';
import { duration, localTime, plural, usd, wholeNumber } from '../show/format.ts';
import { doneText, elapsedOf, shownState } from '../show/run-display.ts';
import { tableLines } from '../show/table.ts';
import { followStarted } from '../start-and-follow.ts';
import { checkAll, type IntelligenceOptions, prepareRun, showOutcome } from './intelligence.ts';

const WORKING = { temporal: true, command: 'queue' };
const LOOKING = { temporal: false, command: 'queue' };
const SHOWN_RUNS = 100;
const DAY_MS = 86_400_000;

/** `bursar queue add`: asks for a run, or with `--hold` only stores it; does not stay to see it. */
export async function addToQueue(
  context: CommandContext,
  options: IntelligenceOptions & { hold?: boolean },
): Promise<number> {
  const { output } = context;
  const brought = await checkAll(context, { ...options, yes: true });
  return withSession(context, WORKING, async (session) => {
    const { request, ...of } = await prepareRun(context, session, brought, options);
    const parked = options.hold === true;
    const run = await session.client.startRun({ ...request, parked }, randomUUID());
    output.result({ run, ...of });
    output.line(`Run ${run.id} is ${shownState(run)}.`);
    const then = parked ? `queue execute --run ${run.id}` : `runs watch ${run.id}`;
    output.note(`${parked ? 'Start' : 'Watch'} it: bursar ${then}${session.urlOption}`);
    return EXIT.done;
  });
}

/** `bursar queue execute`: starts a parked run and follows it. */
export async function executeRun(
  context: CommandContext,
  { run: id, wait }: { run: string; wait?: boolean },
): Promise<number> {
  return withSession(context, WORKING, async (session) => {
    const started = await session.client.executeRun(id);
    const run = await followStarted(context, session, started, wait === true);
    await showOutcome(context, session, run);
    context.output.result(run);
    return exitCodeOfRun(run as Parameters<typeof exitCodeOfRun>[0]);
  });
}

/** `bursar queue status`: what is open now, or how one run stands. */
export async function queueStatus(context: CommandContext, { run: id }: { run?: string }): Promise<number> {
  const { output } = context;
  return withSession(context, LOOKING, async (session) => {
    if (id !== undefined) {
      const run = await session.client.run(id);
      output.result(run);
      output.line(`Run ${run.id} is ${shownState(run)}; ${doneText(run)}; ${usd(run.cost.actualUsd)}.`);
      return EXIT.done;
    }
    const found = await openRuns(session.client);
    output.result(found);
    for (const line of queueLines(found, output.style.bold)) output.line(line);
    return EXIT.done;
  });
}

/** `bursar queue monitor`: the same again and again, until Ctrl-C or, if asked, until nothing is open. */
export async function monitorQueue(
  context: CommandContext,
  { every, untilEmpty }: { every: number; untilEmpty?: boolean },
): Promise<number> {
  const { output, interrupts } = context;
  return withSession(context, WORKING, async (session) => {
    await session.complete;
    for (;;) {
      const found = await openRuns(session.patient);
      const busy = found.runs.some((run) => !run.parked);
      const last = (untilEmpty === true && !busy) || interrupts.first.aborted;
      if (last) output.result(found);
      if (!output.json) output.line(`${localTime(new Date().toISOString())}`);
      for (const line of queueLines(found, output.style.bold)) output.line(line);
      if (last) return EXIT.done;
      output.line();
      await sleep(every * 1000, undefined, { signal: interrupts.first }).catch(() => {});
    }
  });
}

/** `bursar queue stats`: how runs went through in the last days. */
export async function queueStats(context: CommandContext, { days }: { days: number }): Promise<number> {
  const { output } = context;
  return withSession(context, LOOKING, async ({ client }) => {
    const start = new Date(Date.now() - days * DAY_MS).toISOString();
    const [queue, { models }] = await Promise.all([
      client.queueTelemetry({ start }),
      client.modelTelemetry({ start }),
    ]);
    output.result({ ...queue, models });
    if (queue.runs === 0) {
      output.line(`No run was asked for in the last ${plural(days, 'day')}.`);
      return EXIT.done;
    }
    const states = Object.entries(queue.byState).map(([state, runs]) => `${runs} ${words(state)}`);
    const band = ({ p50, p95 }: { p50: number; p95: number }) =>
      `${duration(p50 / 1000)}, 95% within ${duration(p95 / 1000)}`;
    output.line(`${plural(queue.runs, 'run')} in the last ${plural(days, 'day')}: ${states.join(', ')}`);
    output.line(`waited   ${band(queue.waitMs)}`);
    output.line(`took     ${band(queue.runMs)}`);
    output.line(`objects  ${wholeNumber(queue.items)}, ${queue.itemsPerHour.toFixed(1)} an hour`);
    for (const { model, calls, failed, retries, costUsd } of models) {
      const troubles = `${wholeNumber(failed)} failed, ${wholeNumber(retries)} repeated`;
      output.line(`${model}: ${plural(calls, 'call')}, ${troubles}, ${usd(costUsd)}`);
    }
    return EXIT.done;
  });
}

/** `bursar queue cleanup`: brings the details of old runs into the archive, a hundred runs a request. */
export async function cleanUpQueue(
  context: CommandContext,
  { olderThan, yes }: { olderThan: number; yes?: boolean },
): Promise<number> {
  const { output, interrupts } = context;
  const question = `Archive runs that ended over ${plural(olderThan, 'day')} ago?`;
  if (!yes && !process.stdin.isTTY)
    throw invalidInput('there is no terminal to ask for confirmation: add --yes');
  if (!yes && !(await confirm(question, interrupts.first))) throw new Interrupted('nothing was archived');
  return withSession(context, LOOKING, async ({ client }) => {
    let archived = 0;
    for (let more = true; more; ) {
      const done = await client.archiveRuns(olderThan);
      archived += done.archived;
      more = done.more;
      if (more) output.note(`${plural(archived, 'run')} archived`);
    }
    output.result({ archived });
    output.line(`${plural(archived, 'run')} archived. A run comes back with: bursar queue restore --run ID`);
    return EXIT.done;
  });
}

/** `bursar queue restore` */
export async function restoreRun(context: CommandContext, { run: id }: { run: string }): Promise<number> {
  return withSession(context, LOOKING, async ({ client }) => {
    const run = await client.restoreRun(id);
    context.output.result(run);
    context.output.line(`Items and logs of run ${run.id} are at hand.`);
    return EXIT.done;
  });
}

interface OpenRuns {
  runs: Run[];
  workers: number | null;
}

/** Open runs, the newest first, and the workers, of which nothing is known where Temporal is not asked. */
async function openRuns(client: Client): Promise<OpenRuns> {
  const { runs: states, workers } = await client.stateTelemetry();
  const found = await Promise.all(
    [...new Set(states.map(({ state }) => state))].map((state) =>
      client.runs({ state, limit: String(SHOWN_RUNS) }),
    ),
  );
  const runs = found.flatMap((page) => page.runs).filter((run) => !isEnded(run.state as RunState));
  return { runs: runs.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt)), workers };
}

function queueLines({ runs, workers }: OpenRuns, bold: (text: string) => string): string[] {
  const there = workers === null ? [] : [`${plural(workers, 'worker')} there`];
  if (runs.length === 0) return ['Nothing is open.', ...there];
  const columns = ['run', 'kind', 'state', 'objects', 'cost', 'created', 'takes'].map((title) => ({ title }));
  const rows = runs.map((run) => [
    run.id,
    run.kind,
    shownState(run),
    `${wholeNumber(run.progress.processed + run.progress.failed)}/${wholeNumber(run.progress.total)}`,
    usd(run.cost.actualUsd),
    localTime(run.createdAt),
    elapsedOf(run),
  ]);
  return [...tableLines(columns, rows, bold), ...there];
}

function words(state: string): string {
  return state.replaceAll('_', ' ');
}
