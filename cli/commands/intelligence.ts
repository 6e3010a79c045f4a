import { resolve } from 'node:path';
import { AppError, invalidInput } from '../../domain/errors.ts';
import { given } from '../../domain/given.ts';
import type { Client, NewRun, Run } from '../client/client.ts';
import type { NewSource, ShownCompany } from '../client/intelligence.ts';
import type { CommandContext } from '../context.ts';
import { EXIT, exitCodeOfRun, Interrupted } from '../exit-codes.ts';
import { readSmallText } from '../input/check.ts';
import { readSourceFiles } from '../input/source-files.ts';
import { checkOutFolder, writeOutFolder } from '../out-folder.ts';
import { type Session, withSession } from '../session.ts';
import { confirm } from '../show/confirm.ts';
import { estimateLines } from '../show/estimate.ts';
import { plural } from '../show/format.ts';
import { costLines, failureLines } from '../show/run-summary.ts';
import { startAndFollow } from '../start-and-follow.ts';

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
    const { request, ...of } = await prepareRun(context, session, brought, options);
    const estimate = await session.client.estimate(request);
    for (const line of estimateLines(estimate, output.style.bold))
      options.dryRun ? output.line(line) : output.note(line);
    if (options.dryRun) {
      output.result({ ...of, ...estimate });
      return EXIT.done;
    }
    const mayStart = options.yes || estimate.calls === 0;
    if (!mayStart && !(await confirm('Start the run?', context.interrupts.first)))
      throw new Interrupted('nothing was started');
    const run = await startAndFollow(context, session, request, options.wait === true);
    await showOutcome(context, session, run);
    const folder = options.out === undefined ? undefined : resolve(directory, options.out);
    if (folder !== undefined && run.progress.processed > 0) await writeReport(context, session, run, folder);
    output.result({ run, ...of, out: folder ?? null });
    return exitCodeOfRun(run as Parameters<typeof exitCodeOfRun>[0]);
  });
}

type Brought = Awaited<ReturnType<typeof checkAll>>;

/** Brings the companies and their sources, and says what is to run. */
export async function prepareRun(
  context: CommandContext,
  session: Session,
  brought: Brought,
  options: IntelligenceOptions,
) {
  const { company: name, compare } = options;
  const company = await companyFor(context, session, name, brought.sources);
  const beside =
    compare === undefined ? undefined : await companyFor(context, session, compare, brought.compareSources);
  const request = requestFor(company, beside, brought.blocks, options);
  return { request, companyId: company.id, compareId: beside?.id ?? null };
}

/** All that can be refused before a service is started. @throws AppError */
export async function checkAll({ directory }: CommandContext, options: IntelligenceOptions) {
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
  const before = known === undefined ? [] : await client.allSources(company.id);
  try {
    for (const source of sources ?? []) await bring(client, company.id, source);
  } catch (error) {
    await takeBack(client, company.id, known === undefined ? undefined : before);
    throw error;
  }
  const stored = await client.allSources(company.id);
  output.note(`${company.name}: ${plural(stored.length, 'source')}`);
  return company;
}

/** @throws AppError that names the document. */
async function bring(client: Client, company: string, source: NewSource): Promise<void> {
  try {
    await client.addSource(company, source);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'invalid_input') throw error;
    const { publicMessage: problem } = error;
    throw invalidInput(`${source.title}: ${problem}`, [{ field: source.title, problem }]);
  }
}

/** One document was refused: none of them stays, and no company that was made for them. */
async function takeBack(
  client: Client,
  company: string,
  before: { label: string }[] | undefined,
): Promise<void> {
  if (before === undefined) return client.deleteCompany(company);
  const kept = new Set(before.map(({ label }) => label));
  for (const { label } of await client.allSources(company))
    if (!kept.has(label)) await client.deleteSource(company, label);
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

/** What the run cost and what failed. */
export async function showOutcome({ output }: CommandContext, { patient }: Session, run: Run): Promise<void> {
  for (const line of costLines(run, output)) output.line(line);
  if (run.progress.failed > 0)
    for (const line of failureLines((await patient.runErrors(run.id)).groups, output)) output.line(line);
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
