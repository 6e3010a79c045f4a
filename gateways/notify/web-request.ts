import { type IncomingMessage, request as plainRequest, type RequestOptions } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { Delivered } from '../../domain/alerts/notice.ts';
import { readRetryAfter } from '../llm/retry-after.ts';
import { assertPublicAddress, lookupPublic, PRIVATE_TARGET, PrivateTarget } from './web-targets.ts';

export interface WebRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
  /** For all of it, from the look-up of the name to the end of the answer. */
  timeoutMs: number;
  /** Whether it may lead into a private network: what people enter may not, what the operator sets may. */
  allowPrivate: boolean;
  /** Of the answer no more is read. */
  answerBytes: number;
}

export interface WebAnswer {
  status: number;
  /** In milliseconds, where the answer asks to wait. */
  retryAfterMs?: number;
  body: string;
}

/** Why nothing came back, in words that hold nothing of the request. */
export class NoAnswer extends Error {
  readonly retryable: boolean;
  constructor(message: string, retryable: boolean) {
    super(message);
    this.retryable = retryable;
  }
}

/**
 * One POST over a connection of its own. Redirects are not followed: they would lead around what was looked
 * at. @throws NoAnswer
 */
export async function post(request: WebRequest): Promise<WebAnswer> {
  try {
    return await send(request);
  } catch (error) {
    if (error instanceof PrivateTarget) throw new NoAnswer(`the target ${PRIVATE_TARGET}`, false);
    const { name, code } = error as NodeJS.ErrnoException;
    if (name === 'AbortError' || name === 'TimeoutError')
      throw new NoAnswer(`no answer within ${request.timeoutMs / 1000} s`, true);
    throw new NoAnswer(`could not be reached (${code ?? 'broken connection'})`, true);
  }
}

async function send(request: WebRequest): Promise<WebAnswer> {
  const url = new URL(request.url);
  if (!request.allowPrivate) assertPublicAddress(url);
  const options: RequestOptions = {
    method: 'POST',
    headers: { ...request.headers, 'content-length': Buffer.byteLength(request.body) },
    agent: false,
    signal: AbortSignal.timeout(request.timeoutMs),
    ...(!request.allowPrivate && { lookup: lookupPublic }),
  };
  return new Promise((resolve, reject) => {
    const open = url.protocol === 'https:' ? secureRequest : plainRequest;
    const sending = open(url, options, (response) => {
      // From here on the status is known, and counts whatever becomes of the rest.
      sending.off('error', reject).on('error', () => {});
      readStart(response, request.answerBytes).then((body) => {
        sending.destroy();
        resolve({ status: response.statusCode ?? 0, ...waitOf(response), body });
      }, reject);
    });
    sending.on('error', reject);
    sending.end(request.body);
  });
}

/** What was read until the limit, or until the connection broke: the status alone says most. */
async function readStart(response: IncomingMessage, bytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= bytes) break;
    }
  } catch {
    // The status is known; whoever needs the body sees that it is cut off.
  }
  return Buffer.concat(chunks).subarray(0, bytes).toString('utf8');
}

function waitOf({ headers }: IncomingMessage): { retryAfterMs?: number } {
  const asked = headers['retry-after'];
  return asked === undefined ? {} : { retryAfterMs: readRetryAfter({ 'retry-after': asked }, Date.now()) };
}

const PASSES_BY_ITSELF: ReadonlySet<number> = new Set([408, 425, 429]);

/** What a status means; undefined for success. */
export function refusalOf({ status, retryAfterMs }: WebAnswer): (Delivered & { ok: false }) | undefined {
  if (status >= 200 && status < 300) return undefined;
  if (status >= 300 && status < 400)
    return { ok: false, reason: `answered ${status}: redirects are not followed`, retryable: false };
  const retryable = status >= 500 || PASSES_BY_ITSELF.has(status);
  const wait = retryable && retryAfterMs !== undefined ? { retryAfterMs } : {};
  return { ok: false, reason: `answered ${status}`, retryable, ...wait };
}
