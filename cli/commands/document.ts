import { resolve } from 'node:path';
import { invalidInput } from '../../domain/errors.ts';
import type { Layer } from '../../domain/project.ts';
import { isEnded, type RunState } from '../../domain/run.ts';
import type { NewRun, Project, Run } from '../client/client.ts';
import type { CommandContext } from '../context.ts';
import { EXIT, exitCodeOfRun, Interrupted } from '../exit-codes.ts';
import { type ExportSummary, exportProject } from '../export-project.ts';
import { type CheckedInput, checkCatalog, checkInput, readSmallText } from '../input/check.ts';
import { checkOutFolder } from '../out-folder.ts';
import { collectOutcome, type RunOutcome } from '../run-outcome.ts';
import { documentationRun } from '../run-request.ts';
import { type Session, withSession } from '../session.ts';
import { confirm } from '../show/confirm.ts';
import { estimateLines } from '../show/estimate.ts';
import { plural } from '../show/format.ts';
import { shownState } from '../show/run-display.ts';
import { driftLines, exportLines, failureLines, runSummaryLines } from '../show/run-summary.ts';
import { startAndFollow } from '../start-and-follow.ts';
import { GLOSSARY_BYTES, uploadProject } from '../upload-project.ts';

export interface DocumentOptions {
  catalog?: string;
  out?: string;
  select?: string[];
  layers?: Layer[];
  concurrency?: number;
  model?: string;
  skipExisting?: boolean;
  regenerateAll?: boolean;
  maxRetries?: number;
  dryRun?: boolean;
  yes?: boolean;
  wait?: boolean;
  glossary?: string;
  name?: string;
  team?: string;
  queue?: string;
  user?: string;
  priority?: number;
  maxCost?: number;
  emergencyReason?: string;
}

/** What a finished run left, for who wants to show more of it. */
export interface Documented {
  project: Project;
  run: Run;
  outcome: RunOutcome;
  exported?: ExportSummary;
}

const SHOWN_WARNINGS = 5;

/** `bursar document`: uploads, estimates, asks, runs, shows and writes. @returns the exit code. */
export async function document(
  context: CommandContext,
  path: string,
  options: DocumentOptions,
): Promise<number> {
  const needs = { temporal: options.dryRun !== true, command: 'document', eager: true };
  const input = await checkAll(context, path, options);
  return withSession(context, needs, async (session) => {
    if (options.dryRun) return dryRun(context, session, input, options);
    const { run } = await documentWith(context, session, input, options);
    return exitCodeOfRun(run as Parameters<typeof exitCodeOfRun>[0]);
  });
}

/** All that can be refused before a service is started. @throws AppError */
export async function checkAll(
  context: CommandContext,
  path: string,
  options: DocumentOptions,
): Promise<CheckedInput> {
  const { directory } = context;
  if (!options.yes && !options.dryRun && !process.stdin.isTTY)
    throw invalidInput(
      'there is no terminal to ask for confirmation: add --yes to start, or --dry-run to look first',
    );
  if (options.skipExisting && options.regenerateAll)
    throw invalidInput('--skip-existing and --regenerate-all contradict each other: give one of them');
  const input = await checkInput(resolve(directory, path));
  if (options.catalog !== undefined) await checkCatalog(resolve(directory, options.catalog));
  if (options.glossary !== undefined)
    await readSmallText(resolve(directory, options.glossary), GLOSSARY_BYTES);
  if (options.out !== undefined) checkOutFolder(resolve(directory, options.out));
  return input;
}

/** Runs the documentation in an open session and shows how it goes and went; writes `--out`. */
export async function documentWith(
  context: CommandContext,
  session: Session,
  input: CheckedInput,
  options: DocumentOptions,
): Promise<Documented> {
  const { output, directory } = context;
  const { patient } = session;
  const { project, request } = await prepare(context, session, input, options);
  await noteOpenRuns(context, session);
  if (!options.yes) await confirmEstimate(context, session, request);
  const run = await startAndFollow(context, session, request, options.wait === true);
  const outcome = await collectOutcome(patient, run);
  for (const line of runSummaryLines(run, outcome, output)) output.line(line);
  for (const line of [...driftLines(outcome.drift, output), ...failureLines(outcome.errors, output)])
    output.line(line);
  const folder = options.out === undefined ? undefined : resolve(directory, options.out);
  const writes = folder !== undefined && run.progress.processed > 0;
  const exported = writes ? await exportProject(patient, project.id, folder, 'latest') : undefined;
  if (exported !== undefined && options.out !== undefined)
    for (const line of exportLines(options.out, exported)) output.line(line);
  for (const line of nextSteps(run, session)) output.note(line);
  output.result(resultOf(project, run, outcome, exported === undefined ? null : (folder ?? null)));
  return { project, run, outcome, ...(exported === undefined ? {} : { exported }) };
}

async function dryRun(
  context: CommandContext,
  session: Session,
  input: CheckedInput,
  options: DocumentOptions,
): Promise<number> {
  const { output } = context;
  const { project, request } = await prepare(context, session, input, options);
  const estimate = await session.client.estimate(request);
  for (const line of estimateLines(estimate, output.style.bold)) output.line(line);
  output.result({ projectId: project.id, revision: project.revision, ...estimate });
  return EXIT.done;
}

async function prepare(
  context: CommandContext,
  session: Session,
  input: CheckedInput,
  options: DocumentOptions,
) {
  const project = await uploadProject(context, session, input, options);
  const { output } = context;
  const { name, modelCount, origin, revision } = project;
  output.note(`${name}: ${plural(modelCount, 'model')} from ${origin}, revision ${revision}`);
  for (const warning of project.warnings.slice(0, SHOWN_WARNINGS)) output.note(`  note: ${warning}`);
  const more = project.warnings.length - SHOWN_WARNINGS;
  if (more > 0) output.note(`  and ${plural(more, 'more note')} (bursar projects show ${project.id})`);
  return { project, request: documentationRun(project.id, options) };
}

/** Own services also carry on what an earlier command left unfinished, which costs too. */
async function noteOpenRuns({ output }: CommandContext, { client, own }: Session): Promise<void> {
  if (!own) return;
  const { runs } = await client.runs({ limit: '20' });
  for (const run of runs.filter(({ state }) => !isEnded(state as RunState)))
    output.note(`Run ${run.id} from before is ${shownState(run)} (bursar runs cancel ${run.id} ends it).`);
}

async function confirmEstimate({ output, interrupts }: CommandContext, { client }: Session, request: NewRun) {
  const estimate = await client.estimate(request);
  for (const line of estimateLines(estimate, output.style.bold)) output.note(line);
  if (estimate.calls === 0) return;
  if (!(await confirm('Start the run?', interrupts.first))) throw new Interrupted('nothing was started');
}

function nextSteps(run: Run, session: Session): string[] {
  const { id, state, waitReason } = run;
  const at = session.urlOption;
  if (state === 'waiting' && waitReason === 'failing')
    return [
      `The run waits because the same failure came again and again. Look: bursar runs errors ${id}${at}`,
      `Go on once the cause is mended: bursar runs resume ${id}${at}`,
    ];
  if (state === 'waiting' && waitReason === 'approval')
    return [`The run starts when its estimate is approved: bursar runs approve ${id}${at}`];
  if (state === 'waiting' && (waitReason === 'budget' || waitReason === 'circuit_open'))
    return [
      `The run goes on by itself when money is there. See what there is: bursar budgets list${at}`,
      `Let more be spent: bursar budgets raise BUDGET --by USD --reason WHY${at}`,
    ];
  if (!isEnded(state as RunState))
    return [`The run goes on when it can. Watch it: bursar runs watch ${id}${at}`];
  if (run.progress.failed > 0) return [`Try the failed ones again: bursar runs retry ${id}${at}`];
  return [];
}

/** The line that `--json` prints. */
function resultOf(project: Project, run: Run, outcome: RunOutcome, out: string | null) {
  const { total, processed, done, failed, reused } = run.progress;
  const { columnsDescribed, drift, errors } = outcome;
  const { estimatedUsd, actualUsd } = run.cost;
  return {
    runId: run.id,
    projectId: project.id,
    state: run.state,
    ...(run.waitReason === null ? {} : { waitReason: run.waitReason }),
    ...(run.failure === null ? {} : { failure: run.failure }),
    total,
    processed,
    done,
    failed,
    reused,
    calls: run.calls,
    columnsDescribed,
    drift,
    tokens: run.tokens,
    cost: { estimatedUsd, actualUsd },
    out,
    errors,
  };
}
