import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { invalidInput } from '../../domain/errors.ts';
import type { NewRun, Run } from '../client/client.ts';
import type { NewSource, ShownCompany } from '../client/intelligence.ts';
import type { CommandContext } from '../context.ts';
import { EXIT, exitCodeOfRun, Interrupted } from '../exit-codes.ts';
import { followRun } from '../follow-run.ts';
import { readSmallText } from '../input/check.ts';
import { readSourceFiles } from '../input/source-files.ts';
import { checkOutFolder, writeOutFolder } from '../out-folder.ts';
import { given } from '../run-request.ts';
import { type Session, withSession } from '../session.ts';
import { confirm } from '../show/confirm.ts';
import { estimateLines } from '../show/estimate.ts';
import { plural } from '../show/format.ts';
import { costLines, failureLines } from '../show/run-summary.ts';

export interface IntelligenceOptions {
  company: string;
  compare?: string;
  sources?: string;
  compareSources?: string;
  blocks?: string;
  only?: string[];
  out?: string;
  model?: string;
  concurrency?: number;
  regenerateAll?: boolean;
  simulateFailure?: boolean;
  maxCost?: number;
  team?: string;
  queue?: string;
  user?: string;
  dryRun?: boolean;
  yes?: boolean;
  wait?: boolean;
}

const BLOCKS_BYTES = 100_000;
/** One answer in four is refused, and one in nine comes too late: what retries are for. */
const REHEARSED_FAILURES = 'offline:failEvery=4,rateLimitEvery=9,retryAfterMs=500/gpt-5-mini';

/** `bursar intelligence run`: brings sources, estimates, asks, runs, and writes the report. */
export async function runIntelligence(
  context: CommandContext,
  options: IntelligenceOptions,
): Promise<number> {
  const { directory, output } = context;
  const brought = await checkAll(context, options);
  const needs = { temporal: options.dryRun !== true, command: 'intelligence', eager: true };
  return withSession(context, needs, async (session) => {
    const company = await companyFor(context, session, options.company, brought.sources);
    const beside =
      options.compare === undefined
        ? undefined
        : await companyFor(context, session, options.compare, brought.compareSources);
    const request = requestFor(company, beside, brought.blocks, options);
    const estimate = await session.client.estimate(request);
    for (const line of estimateLines(estimate, output.style.bold))
      options.dryRun ? output.line(line) : output.note(line);
    if (options.dryRun) {
      output.result({ companyId: company.id, compareId: beside?.id ?? null, ...estimate });
      return EXIT.done;
    }
    const mayStart = options.yes || estimate.calls === 0;
    if (!mayStart && !(await confirm('Start the run?', context.interrupts.first)))
      throw new Interrupted('nothing was started');
    const run = await carryOut(context, session, request, options);
    const folder = options.out === undefined ? undefined : resolve(directory, options.out);
    if (folder !== undefined && run.progress.processed > 0) await writeReport(context, session, run, folder);
    output.result({ run, companyId: company.id, compareId: beside?.id ?? null, out: folder ?? null });
    return exitCodeOfRun(run as Parameters<typeof exitCodeOfRun>[0]);
  });
}

/** All that can be refused before a service is started. */
async function checkAll({ directory }: CommandContext, options: IntelligenceOptions) {
  if (!options.yes && !options.dryRun && !process.stdin.isTTY)
    throw invalidInput(
      'there is no terminal to ask for confirmation: add --yes to start, or --dry-run to look first',
    );
  if (options.compareSources !== undefined && options.compare === undefined)
    throw invalidInput('--compare-sources belongs to --compare: give the name of the other company');
  if (options.simulateFailure && options.model !== undefined)
    throw invalidInput('--simulate-failure stands in for the model: leave --model out');
  if (options.out !== undefined) checkOutFolder(resolve(directory, options.out));
  const files = (path: string | undefined) =>
    path === undefined ? undefined : readSourceFiles(resolve(directory, path));
  const blocks =
    options.blocks === undefined
      ? undefined
      : await readSmallText(resolve(directory, options.blocks), BLOCKS_BYTES);
  return { sources: files(options.sources), compareSources: files(options.compareSources), blocks };
}

/** The company of a name, made where it is not there and sources for it are. */
async function companyFor(
  { output }: CommandContext,
  { client }: Session,
  name: string,
  sources: NewSource[] | undefined,
): Promise<ShownCompany> {
  const [known] = (await client.companies({ name })).companies;
  if (known === undefined && sources === undefined) {
    const { companies } = await client.companies({ limit: '10' });
    const hint =
      companies.length === 0 ? '' : `; there are: ${companies.map((each) => each.name).join(', ')}`;
    throw invalidInput(`there is no company "${name}"${hint}. Give --sources with its documents to add it.`);
  }
  const company = known ?? (await client.createCompany({ name }));
  for (const source of sources ?? []) await client.addSource(company.id, source);
  const stored = (await client.sources(company.id)).sources;
  output.note(`${company.name}: ${plural(stored.length, 'source')}`);
  return company;
}

function requestFor(
  company: ShownCompany,
  beside: ShownCompany | undefined,
  blocks: string | undefined,
  options: IntelligenceOptions,
): NewRun {
  const { only, concurrency, regenerateAll, maxCost: maxCostUsd, team, queue, user } = options;
  const model = options.simulateFailure ? REHEARSED_FAILURES : options.model;
  return {
    kind: 'intelligence',
    input: { companyId: company.id, ...given({ compareId: beside?.id, blocks, only }) },
    options: given({ model, concurrency, regenerateAll, maxCostUsd }),
    scope: given({ team, queue, user }),
  };
}

async function carryOut(
  { output, interrupts }: CommandContext,
  session: Session,
  request: NewRun,
  options: IntelligenceOptions,
): Promise<Run> {
  const { patient } = session;
  await session.complete;
  interrupts.first.throwIfAborted();
  const started = await patient.startRun(request, randomUUID());
  output.note(`Run ${started.id}`);
  const run = await followRun(started, {
    client: patient,
    output,
    interrupts,
    wait: options.wait === true,
    onInterrupt: 'cancel',
  });
  for (const line of costLines(run, output)) output.line(line);
  if (run.progress.failed > 0)
    for (const line of failureLines((await patient.runErrors(run.id)).groups, output)) output.line(line);
  return run;
}

async function writeReport(
  { output }: CommandContext,
  { patient }: Session,
  run: Run,
  folder: string,
): Promise<void> {
  const [markdown, html] = await Promise.all([
    patient.report(run.id, 'markdown'),
    patient.report(run.id, 'html'),
  ]);
  writeOutFolder(folder, [
    { path: 'report.md', text: markdown },
    { path: 'report.html', text: html },
  ]);
  output.line(`Written: ${folder}/report.md and report.html`);
}
