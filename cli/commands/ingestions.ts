import { openAsBlob } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiIngestion } from '../../api/ingestions.ts';
import { AppError } from '../../domain/errors.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { type Session, withSession } from '../session.ts';
import { showBar } from '../show/bar.ts';
import { duration, wholeNumber } from '../show/format.ts';
import { ingestedLines } from '../show/ingested.ts';

export interface ShowIngestionOptions {
  wait?: boolean;
  cancel?: boolean;
}

const LOOK_EVERY_MS = 500;
const SAY_EVERY_MS = 10_000;
/** The servers may be restarted meanwhile; beyond this without an answer, watching ends. */
const SILENCE_LIMIT_MS = 90_000;
/** A worker that died is started again within this time. */
const WORKER_PATIENCE_MS = 30_000;

/** Sends a file, and follows the workflow that brings it in: exit code 3 where rows have failed. */
export async function ingestDurably(
  context: CommandContext,
  file: { path: string; bytes: number; query: Record<string, string> },
  wait: boolean,
): Promise<number> {
  const { output } = context;
  return withSession(context, { temporal: true, command: 'jobs' }, async (session) => {
    const bar = await showBar(output, file.bytes, 'sending {bar} {percentage}%');
    const body = (await openAsBlob(file.path)).stream().pipeThrough(bar.passing());
    const sent = await session.client.startIngestion(file.query, body).finally(bar.close);
    if (wait) return follow(context, session, sent);
    output.result({ id: sent.id, state: sent.state });
    output.line(`The file has arrived as ${sent.id}. ${howToLook(session, sent.id)}`);
    return EXIT.done;
  });
}

/** `bursar jobs ingestion` */
export async function showIngestion(
  context: CommandContext,
  id: string,
  { wait, cancel }: ShowIngestionOptions,
): Promise<number> {
  const needs = { temporal: wait === true, command: 'jobs' };
  return withSession(context, needs, async (session) => {
    const { output } = context;
    const { client } = session;
    const found = await (cancel === true ? client.cancelIngestion(id) : client.ingestion(id));
    if (wait === true) return follow(context, session, found);
    output.result(found);
    for (const line of linesOf(found)) output.line(line);
    return EXIT.done;
  });
}

/** Until it has ended, Ctrl-C, or nobody is there who would go on with it. */
async function follow(context: CommandContext, session: Session, first: ApiIngestion): Promise<number> {
  const { output, interrupts } = context;
  const words = 'bringing in {bar} {percentage}% | {value} of {total} rows | {left}';
  const bar = await showBar(output, first.progress.total, words);
  const say = sayNowAndThen(output);
  let [latest, seenAt, workerAt] = [first, Date.now(), Date.now()];
  try {
    while (latest.endedAt === null && !interrupts.first.aborted) {
      const { rows, etaSeconds } = latest.progress;
      bar.set(rows, { left: etaSeconds === null ? latest.state : `${duration(etaSeconds)} left` });
      if (!output.live) say(headOf(latest));
      await sleep(LOOK_EVERY_MS, undefined, { signal: interrupts.first }).catch(() => {});
      try {
        latest = await session.patient.ingestion(first.id);
        seenAt = Date.now();
      } catch (error) {
        const isAway = error instanceof AppError && error.code === 'services_unavailable';
        if (!isAway || Date.now() - seenAt > SILENCE_LIMIT_MS) throw error;
      }
      if (latest.waitReason === null) workerAt = Date.now();
      else if (Date.now() - workerAt > WORKER_PATIENCE_MS) break;
    }
  } finally {
    bar.close();
  }
  if (latest.endedAt !== null) return tell(context, latest);
  if (!interrupts.first.aborted)
    throw new AppError(
      'worker_missing',
      `no worker brings ${first.id} in: start one, and it goes on by itself`,
    );
  output.note(`Left at row ${wholeNumber(latest.progress.rows)}. ${howToLook(session, first.id)}`);
  return EXIT.cancelled;
}

function tell({ output }: CommandContext, ended: ApiIngestion): number {
  const { id, inserted, updated, unchanged, failed, costUsd, errors } = ended;
  if (ended.state === 'failed') {
    const done = `${wholeNumber(ended.progress.rows)} of ${wholeNumber(ended.progress.total)} rows were done`;
    throw new AppError('unexpected', `ingestion ${id} has failed: ${ended.failure} (${done})`);
  }
  const answer = { inserted, updated, unchanged, failed, costUsd, errors };
  output.result({ ...answer, id });
  for (const line of ingestedLines(answer)) output.line(line);
  if (ended.state === 'cancelled') output.note(`Ingestion ${id} was cancelled; what is written stays.`);
  if (ended.state === 'cancelled') return EXIT.cancelled;
  return failed > 0 ? EXIT.itemsFailed : EXIT.done;
}

function linesOf(ingestion: ApiIngestion): string[] {
  const why = ingestion.failure === null ? [] : [`failed: ${ingestion.failure}`];
  return [headOf(ingestion), ...why, ...ingestedLines(ingestion)];
}

function headOf({ id, state, waitReason, progress }: ApiIngestion): string {
  const { rows, total, percent, rowsPerSecond, etaSeconds } = progress;
  const pace = rowsPerSecond === null ? '' : `, ${wholeNumber(rowsPerSecond)} a second`;
  const left = etaSeconds === null ? '' : `, ${duration(etaSeconds)} left`;
  const waits = waitReason === null ? '' : ' (no worker is there to go on with it)';
  const done = `${wholeNumber(rows)} of ${wholeNumber(total)} rows (${percent}%)`;
  return `${id}: ${state.replaceAll('_', ' ')}${waits}, ${done}${pace}${left}`;
}

function howToLook({ own, urlOption }: Session, id: string): string {
  const look = `bursar jobs ingestion ${id} --wait${urlOption}`;
  return own
    ? `The services end with this command; it goes on with: ${look}`
    : `It goes on by itself: ${look}`;
}

/** A line at once, and every ten seconds. */
function sayNowAndThen(output: CommandContext['output']) {
  let saidAt = 0;
  return (text: string) => {
    if (Date.now() - saidAt < SAY_EVERY_MS) return;
    saidAt = Date.now();
    output.note(text);
  };
}
