import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { AppError } from '../domain/errors.ts';
import { type FileRow, ingestJobs, type ReadRows } from '../domain/jobs/ingest.ts';
import { fromPlainMapping } from '../domain/jobs/ingestion.ts';
import type { Ingestion } from '../store/ingestions.ts';
import type { IngestionInput } from '../workflows/messages.ts';
import { toActivityFailure, translating } from './failures.ts';
import { heartbeating } from './heartbeat.ts';
import type { ActivityDeps } from './index.ts';

/** Then a new activity begins, so that none runs for hours. */
const ROWS_AT_A_STRETCH = 200_000;
/** A bug does not go away by trying for ever. */
const GIVE_UP_AFTER_MS = 10 * 60_000;
/** It may also have stood still because there was no worker. */
const TRIES_AT_LEAST = 10;

/** The ingestion stands elsewhere than this attempt has left it: it has ended, or another one is at it. */
class Overtaken extends Error {}

/** Brings in the rows of a file that has arrived, and ends it. */
export function createIngestRows(deps: ActivityDeps) {
  return {
    /** Goes on behind the last transaction. @returns whether there is nothing left to do. */
    async ingestRows(input: IngestionInput): Promise<boolean> {
      try {
        return await heartbeating(() => ingestStretch(deps, input));
      } catch (thrown) {
        throw await bounded(deps, input, thrown);
      }
    },
    endIngestion: translating((input: IngestionInput & { failure?: string }) => endIngestion(deps, input)),
  };
}

async function ingestStretch(deps: ActivityDeps, { org, ingestion: id }: IngestionInput): Promise<boolean> {
  const { store } = deps;
  const begun = await store.ingestions.begin(org, id);
  if (begun === undefined) return true;
  const end = Math.min(begun.total, begun.rows + ROWS_AT_A_STRETCH);
  let reached = begun.rows;
  const stepOf = (read: ReadRows) => {
    const at = { _id: id, org, rows: reached };
    reached += read.rows;
    const context = Context.current();
    // Also of an attempt that Temporal has given up, while another one goes on.
    if (context.cancellationSignal.aborted)
      throw new AppError('services_unavailable', 'the worker was told to stop');
    context.heartbeat(reached);
    type Written = Parameters<typeof store.ingestions.advanceIn>[3];
    return async (session: Parameters<typeof store.ingestions.advanceIn>[0], written: Written) => {
      if (!(await store.ingestions.advanceIn(session, at, read, written))) throw new Overtaken();
    };
  };
  try {
    const ingesting = { store, pricing: deps };
    const mapping = fromPlainMapping(begun.mapping);
    await ingestJobs(ingesting, org, rowsOf(deps, begun, end), mapping, { rowsBefore: begun.rows, stepOf });
    return end === begun.total;
  } catch (error) {
    if (!(error instanceof Overtaken)) throw error;
    if ((await store.ingestions.find(org, id))?.state !== 'running') return true;
    throw new AppError('services_unavailable', 'another attempt at this file is under way', { cause: error });
  }
}

/** @throws Overtaken where parts are gone, as they are when an ingestion has ended. */
async function* rowsOf(deps: ActivityDeps, begun: Ingestion, end: number): AsyncGenerator<FileRow> {
  for (let at = begun.rows; at < end; ) {
    const lines = await deps.store.ingestionParts.behind(begun.org, begun.parts, at);
    if (lines.length === 0) throw new Overtaken();
    for (const line of lines.slice(0, end - at)) yield JSON.parse(line) as FileRow;
    at += lines.length;
  }
}

/** The failure of an attempt: the last one where the unexpected has kept it in one place for ten minutes. */
async function bounded(deps: ActivityDeps, { org, ingestion }: IngestionInput, thrown: unknown) {
  const failure = toActivityFailure(thrown);
  if (!(failure instanceof ApplicationFailure) || failure.type !== 'unexpected') return failure;
  if (Context.current().info.attempt < TRIES_AT_LEAST) return failure;
  const movedAt = (await deps.store.ingestions.find(org, ingestion))?.movedAt ?? new Date();
  if (Date.now() - movedAt.getTime() < GIVE_UP_AFTER_MS) return failure;
  return ApplicationFailure.create({ message: failure.message, type: failure.type, nonRetryable: true });
}

/** Says how it came out, and takes its parts away; again changes nothing. */
async function endIngestion(
  { store }: ActivityDeps,
  { org, ingestion: id, failure }: IngestionInput & { failure?: string },
): Promise<void> {
  const found = await store.ingestions.find(org, id);
  if (found === undefined) return;
  const { failed, rows, total } = found;
  const isAll = failure === undefined && rows === total;
  const why = failure ?? `it stands at row ${rows} of ${total}, with nothing left to do`;
  const good = { state: failed > 0 ? ('completed_with_errors' as const) : ('completed' as const) };
  const end = isAll ? good : { state: 'failed' as const, failure: why };
  await store.ingestions.end(found, ['queued', 'running'], end);
  await store.ingestionParts.drop(org, found.parts);
  await store.ingestions.emptied(found);
}
