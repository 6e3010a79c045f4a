import { createHash, randomBytes } from 'node:crypto';
import { type ReadableStream, TransformStream } from 'node:stream/web';
import { AppError, invalidInput } from '../domain/errors.ts';
import type { Mapping } from '../domain/jobs/columns.ts';
import type { JobFormat } from '../domain/jobs/formats.ts';
import { ROWS_AT_ONCE, untilUnreadable } from '../domain/jobs/ingest.ts';
import { toPlainMapping } from '../domain/jobs/ingestion.ts';
import type { Principal } from '../domain/principal.ts';
import type { Ingestion } from '../store/ingestions.ts';
import type { ApiDeps } from './deps.ts';
import { idOf, keyTaken, sha256 } from './idempotency.ts';
import { rowsOf } from './job-rows.ts';
import { plainRows } from './plain-rows.ts';

/** Of a part as text; one row may have as much by itself. */
const PART_LENGTH = 1024 * 1024;
const CUT_OFF = 'the file did not arrive whole: send it again';

interface SentFile {
  format: JobFormat;
  mapping: Mapping;
  body: ReadableStream;
  key: string | undefined;
  /** Aborts when the sender goes away. */
  gone: AbortSignal;
}

/**
 * Stores a file as it comes, row by row, and starts the workflow that brings it in. The same Idempotency-Key
 * with the same file is the same ingestion; one that was cut off begins anew.
 * @throws AppError `conflict` where the key came with another request, or one is still sending under it;
 * what is wrong with the file as a whole. Then nothing of it stays.
 */
export async function receiveFile(deps: ApiDeps, principal: Principal, sent: SentFile): Promise<Ingestion> {
  const { org } = principal;
  const { format, key, body } = sent;
  const mapping = toPlainMapping(sent.mapping);
  const requestHash = sha256(JSON.stringify([format, mapping]));
  const _id = idOf('ing', org, key);
  const known = key === undefined ? undefined : await deps.store.ingestions.find(org, _id);
  if (known?.contentHash !== undefined) {
    const isSame = known.requestHash === requestHash && known.contentHash === (await hashOf(body));
    if (!isSame) throw keyTaken(`ingestion ${_id}`);
    if (known.state === 'queued') await startSoon(deps, known);
    return known;
  }
  const createdBy = { id: principal.id, ...(principal.email && { email: principal.email }) };
  const begun = { _id, org, parts: randomBytes(6).toString('hex') };
  const fresh = { ...begun, format, mapping, requestHash, createdBy, createdAt: new Date() };
  if (!(await deps.store.ingestions.create(fresh)))
    throw new AppError('conflict', 'a request with this Idempotency-Key is still sending its file');
  if (known !== undefined) await deps.store.ingestionParts.drop(org, known.parts);
  const queued = await receive(deps, begun, sent).catch(async (error: unknown) => {
    await giveUp(deps, begun, error).catch((err: unknown) =>
      deps.logger.warn({ err, ingestion: _id }, 'what arrived of a file will be removed by housekeeping'),
    );
    // Else it would be taken for a database that has hung up.
    throw sent.gone.aborted ? invalidInput(CUT_OFF) : error;
  });
  await startSoon(deps, queued);
  return queued;
}

type Begun = Pick<Ingestion, '_id' | 'org' | 'parts'>;

async function receive(deps: ApiDeps, begun: Begun, { body, format, mapping }: SentFile): Promise<Ingestion> {
  const { ingestions, ingestionParts } = deps.store;
  const meter = metered(body);
  let [lines, length, total]: [string[], number, number] = [[], 0, 0];
  const store = async () => {
    await ingestionParts.add(begun.org, begun.parts, total, lines);
    total += lines.length;
    [lines, length] = [[], 0];
    if (!(await ingestions.received(begun, { bytes: meter.bytes(), total }))) throw notAwaited();
  };
  const file = await plainRows(rowsOf(meter.body, format), mapping, format === 'focus');
  for await (const row of untilUnreadable(file.rows)) {
    const line = JSON.stringify(row);
    lines.push(line);
    length += line.length;
    if (lines.length === ROWS_AT_ONCE || length >= PART_LENGTH) await store();
  }
  if (lines.length > 0) await store();
  if (total === 0) throw invalidInput('the file is empty: it has no rows');
  const arrived = { bytes: meter.bytes(), total, contentHash: meter.hash() };
  const queued = await ingestions.queue(begun, { ...arrived, mapping: toPlainMapping(file.mapping) });
  if (queued === undefined) throw notAwaited();
  return queued;
}

const notAwaited = () =>
  new AppError('conflict', 'the ingestion was cancelled while its file was on its way');

/** A file that is wrong was never there; one that was cut off is shown as such. */
async function giveUp(deps: ApiDeps, begun: Begun, error: unknown): Promise<void> {
  const { ingestions, ingestionParts } = deps.store;
  if (!(error instanceof AppError))
    await ingestions.end(begun, ['receiving'], { state: 'failed', failure: CUT_OFF });
  await ingestionParts.drop(begun.org, begun.parts);
  await ingestions.forget(begun);
  await ingestions.emptied(begun);
}

/** The file is stored, so it is accepted: where Temporal does not answer, housekeeping starts it later. */
async function startSoon(deps: ApiDeps, { org, _id }: Ingestion): Promise<void> {
  try {
    await deps.ingestions.start(org, _id);
  } catch (error) {
    deps.logger.warn({ err: error, ingestion: _id }, 'the workflow will be started by housekeeping');
  }
}

/** Counts and hashes what passes. */
function metered(body: ReadableStream) {
  const hash = createHash('sha256');
  let bytes = 0;
  const through = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.length;
      hash.update(chunk);
      controller.enqueue(chunk);
    },
  });
  return { body: body.pipeThrough(through), bytes: () => bytes, hash: () => hash.digest('hex') };
}

async function hashOf(body: ReadableStream): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of body as ReadableStream<Uint8Array>) hash.update(chunk);
  return hash.digest('hex');
}
