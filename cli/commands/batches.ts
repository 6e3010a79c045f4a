import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, invalidInput } from '../../domain/errors.ts';
import { isEnded, type RunState } from '../../domain/run.ts';
import type { Batch, NewBatch } from '../client/batches.ts';
import type { Client } from '../client/client.ts';
import type { CommandContext } from '../context.ts';
import { EXIT, exitCodeOfRun, Interrupted } from '../exit-codes.ts';
import { BATCH_FILE_BYTES, parseBatch } from '../input/batch-file.ts';
import { checkInput, readSmallText } from '../input/check.ts';
import { type Session, withSession } from '../session.ts';
import { batchEstimateLine, batchLines, batchTable, showBatchProgress } from '../show/batches.ts';
import { confirm } from '../show/confirm.ts';
import { plural, wholeNumber } from '../show/format.ts';
import { uploadProject } from '../upload-project.ts';

export interface SubmitOptions {
  name?: string;
  parallel?: number;
  var?: Record<string, string>;
  project?: string;
  results?: string;
  dryRun?: boolean;
  yes?: boolean;
  wait?: boolean;
}

const WORKING = { temporal: true, command: 'batch' };
const LOOKING = { temporal: false, command: 'batch' };
const LOOK_EVERY_MS = 500;

/** `bursar batch submit`: the same file again changes nothing. */
export async function submitBatch(
  context: CommandContext,
  file: string,
  options: SubmitOptions,
): Promise<number> {
  const { output, directory } = context;
  if (!options.yes && !options.dryRun && !process.stdin.isTTY)
    throw invalidInput(
      'there is no terminal to ask for confirmation: add --yes to start, or --dry-run to look first',
    );
  const read = await parseBatch(await readSmallText(resolve(directory, file), BATCH_FILE_BYTES), file);
  const project =
    options.project === undefined ? undefined : await checkInput(resolve(directory, options.project));
  return withSession(context, { ...WORKING, temporal: options.dryRun !== true }, async (session) => {
    const uploaded = project === undefined ? undefined : await uploadProject(context, session, project, {});
    const batch = withOptions(read, { ...options, ...(uploaded && { uploaded: uploaded.id }) });
    if (options.dryRun || !options.yes) {
      const estimate = await session.client.estimateBatch(batch);
      output[options.dryRun ? 'line' : 'note'](batchEstimateLine(estimate));
      if (options.dryRun) output.result(estimate);
      if (options.dryRun) return EXIT.done;
      if (!(await confirm('Submit the batch?', context.interrupts.first)))
        throw new Interrupted('nothing was started');
    }
    await session.complete;
    const submitted = await session.client.submitBatch(batch);
    const { added, unchanged } = submitted;
    output.note(`Batch ${submitted.id}: ${plural(added, 'run')} added, ${wholeNumber(unchanged)} unchanged.`);
    // Own services end with this command: a batch would stand still.
    const follows = options.wait === true || options.results !== undefined || session.own;
    const last = follows ? await followBatch(context, session, submitted, options.wait === true) : submitted;
    if (options.results !== undefined)
      await writeResults(session.patient, last.id, resolve(directory, options.results));
    for (const line of batchLines(last)) output.line(line);
    for (const line of nextSteps(last, session)) output.note(line);
    output.result({ ...last, added, unchanged, results: options.results ?? null });
    return follows ? codeOf(last) : EXIT.done;
  });
}

function withOptions(read: NewBatch, options: SubmitOptions & { uploaded?: string }): NewBatch {
  const { name, parallel, var: own, uploaded } = options;
  return {
    ...read,
    ...(name !== undefined && { name }),
    ...(parallel !== undefined && { parallelism: parallel }),
    ...((own !== undefined || uploaded !== undefined) && {
      variables: { ...read.variables, ...(uploaded !== undefined && { project: uploaded }), ...own },
    }),
  };
}

/** Until it has ended, or waits for somebody. Ctrl-C leaves it to itself. */
async function followBatch(
  { output, interrupts }: CommandContext,
  { patient, urlOption }: Session,
  first: Batch,
  wait: boolean,
): Promise<Batch> {
  const display = await showBatchProgress(output);
  try {
    for (let batch = first; ; batch = await patient.batch(first.id)) {
      display.show(batch);
      if (isEnded(batch.state as RunState) || (batch.state === 'waiting' && !wait)) return batch;
      await sleep(LOOK_EVERY_MS);
      if (interrupts.first.aborted)
        throw new Interrupted(`left; the batch goes on: bursar batch status ${first.id}${urlOption}`);
    }
  } finally {
    display.close();
  }
}

async function writeResults(client: Client, id: string, path: string): Promise<void> {
  await pipeline(Readable.fromWeb((await client.batchResults(id)) as never), createWriteStream(path));
}

function nextSteps({ id, state, waitReason }: Batch, { urlOption: at }: Session): string[] {
  if (state === 'waiting' && waitReason === 'approval')
    return [`It starts when its estimate is approved: bursar batch approve ${id}${at}`];
  if (state === 'waiting') return [`It goes on by itself when money is there: bursar budgets list${at}`];
  return isEnded(state as RunState) ? [] : [`See how it goes: bursar batch status ${id}${at}`];
}

/** `bursar batch list` */
export async function listBatches(context: CommandContext, { limit }: { limit: number }): Promise<number> {
  const { output } = context;
  return withSession(context, LOOKING, async ({ client }) => {
    const page = await client.batches({ limit: String(limit) });
    output.result(page);
    if (page.batches.length === 0) output.line('No batches yet. Submit one with: bursar batch submit FILE');
    else for (const line of batchTable(page.batches, output.style.bold)) output.line(line);
    return EXIT.done;
  });
}

/** `bursar batch status`, with `--wait` until it has ended. */
export async function batchStatus(
  context: CommandContext,
  id: string,
  options: { wait?: boolean },
): Promise<number> {
  const { output } = context;
  return withSession(context, options.wait ? WORKING : LOOKING, async (session) => {
    const found = await session.client.batch(id);
    const batch = options.wait ? await followBatch(context, session, found, true) : found;
    output.result(batch);
    for (const line of batchLines(batch)) output.line(line);
    return options.wait ? codeOf(batch) : EXIT.done;
  });
}

/** `bursar batch approve`: the estimate that it waits with, and no other. */
export async function approveBatch(
  context: CommandContext,
  id: string,
  options: { hash?: string },
): Promise<number> {
  const { output } = context;
  return withSession(context, WORKING, async (session) => {
    const { cost } = await session.client.batch(id);
    const hash = options.hash ?? cost.estimateHash;
    if (hash === null) throw new AppError('conflict', 'the batch has not been estimated yet');
    const batch = await session.client.approveBatch(id, hash);
    output.note('Approved.');
    const last = session.own ? await followBatch(context, session, batch, false) : batch;
    output.result(last);
    for (const line of batchLines(last)) output.line(line);
    return session.own ? codeOf(last) : EXIT.done;
  });
}

/** `bursar batch pause`: what is under way pauses too, and its money goes back. */
export async function pauseBatch(context: CommandContext, id: string): Promise<number> {
  return change(context, ({ client }) => client.pauseBatch(id));
}

/** `bursar batch resume` */
export async function resumeBatch(context: CommandContext, id: string): Promise<number> {
  return change(context, ({ client }) => client.resumeBatch(id));
}

async function change({ output, ...context }: CommandContext, work: (session: Session) => Promise<Batch>) {
  return withSession({ output, ...context }, WORKING, async (session) => {
    const batch = await work(session);
    output.result(batch);
    for (const line of batchLines(batch)) output.line(line);
    return EXIT.done;
  });
}

/** `bursar batch cancel` */
export async function cancelBatch(context: CommandContext, id: string): Promise<number> {
  const { output } = context;
  return withSession(context, WORKING, async (session) => {
    const asked = await session.client.cancelBatch(id);
    const batch = await followBatch(context, session, asked, true);
    output.result(batch);
    for (const line of batchLines(batch)) output.line(line);
    return EXIT.done;
  });
}

/** `bursar batch results`: lines of JSON, on stdout or into a file. */
export async function batchResults(
  context: CommandContext,
  id: string,
  options: { out?: string },
): Promise<number> {
  const { output, directory } = context;
  return withSession(context, LOOKING, async ({ client }) => {
    if (options.out !== undefined) {
      await writeResults(client, id, resolve(directory, options.out));
      output.result({ id, results: options.out });
      output.line(`The results are in ${options.out}.`);
      return EXIT.done;
    }
    const text = await new Response(await client.batchResults(id)).text();
    const lines = text.trim() === '' ? [] : text.trim().split('\n');
    output.result({ id, results: output.json ? lines.map((line) => JSON.parse(line) as object) : [] });
    for (const line of lines) output.line(line);
    return EXIT.done;
  });
}

function codeOf(batch: Batch): number {
  return exitCodeOfRun(batch as Parameters<typeof exitCodeOfRun>[0]);
}
