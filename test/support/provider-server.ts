import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The body of `POST /chat/completions`, as far as it is read here. */
interface ChatRequest {
  model: string;
  messages: { role: string; content: string | { type: string; text?: string }[] }[];
  response_format?: { type: string; json_schema?: { name: string; schema: unknown } };
  [field: string]: unknown;
}

interface Call {
  /** SHA-256 of the request's body, so that a repeated generation shows. */
  hash: string;
  request: ChatRequest;
  headers: IncomingHttpHeaders;
}

/**
 * What goes wrong: with the `next` n calls, with each nth (`every`), else with all, until other faults are
 * set.
 */
export interface ProviderFault {
  next?: number;
  every?: number;
  /** An error answer of this status. */
  status?: number;
  code?: string | null;
  type?: string;
  param?: string;
  message?: string;
  headers?: Record<string, string>;
  retryAfter?: string | number;
  delayMs?: number;
  /** Never answers. */
  hang?: boolean;
  /** Half of the answer, then a closed connection. */
  cut?: boolean;
  /** The message is JSON that breaks off. */
  malformed?: boolean;
  empty?: boolean;
  refusal?: string;
  finishReason?: string;
  /** Instead of the usage that is counted; null leaves it out. */
  usage?: Record<string, unknown> | null;
  /** The whole body as it goes over the wire. */
  body?: string;
}

export interface ProviderServer {
  /** For `OPENAI_BASE_URL`, e.g. `http://127.0.0.1:40123/v1`. */
  url: string;
  port: number;
  calls: Call[];
  setFaults(faults: ProviderFault | ProviderFault[]): void;
  close(): Promise<void>;
}

interface ProviderServerOptions {
  port?: number;
  /** Gets one line of JSON for each call as it arrives: `{n, hash, model, schema}`. */
  logFile?: string;
  /** The text of the answer; undefined for the usual one. */
  reply?: (request: ChatRequest) => string | undefined;
}

/**
 * A server that speaks OpenAI's `/chat/completions`, always answers the same to the same, counts calls and
 * fails as told: `GET /__calls` → `{count, byHash, byId}` (by the id that the caller gave), `POST
 * /__faults` with a fault or a list of them ([] for none).
 */
export async function startProviderServer(options: ProviderServerOptions = {}): Promise<ProviderServer> {
  const calls: Call[] = [];
  const faults = createFaults();

  async function complete(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = toCall(await readBody(request), request.headers);
    const n = calls.push(call);
    if (options.logFile !== undefined) appendFileSync(options.logFile, logLine(call, n));
    const fault = faults.ofNextCall();
    if (fault.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    if (fault.hang === true) return;
    const text = options.reply?.(call.request) ?? writeAnswer(call.request);
    send(response, fault, n, fault.body ?? JSON.stringify(answerTo(call, text, fault)));
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = `${request.method} ${request.url}`;
    if (route === 'GET /__calls') return sendJson(response, 200, countCalls(calls));
    if (route === 'POST /__faults') {
      faults.set(JSON.parse(await readBody(request)) as ProviderFault[]);
      return sendJson(response, 200, {});
    }
    if (route.startsWith('POST ') && route.endsWith('/chat/completions')) return complete(request, response);
    return sendJson(response, 404, { error: { message: `there is no ${route}`, type: 'not_found' } });
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error) =>
      sendJson(response, 500, { error: { message: String(error) } }),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}/v1`, port, calls, setFaults: faults.set, close };
}

/**
 * The faults in turn: the first one that means this call is taken, and only those asked so far have seen it.
 */
function createFaults() {
  let entries: { fault: ProviderFault; seen: number }[] = [];
  return {
    set: (given: ProviderFault | ProviderFault[]) => {
      entries = [given].flat().map((fault) => ({ fault, seen: 0 }));
    },
    ofNextCall: (): ProviderFault => {
      for (const entry of entries) {
        entry.seen += 1;
        const { next, every } = entry.fault;
        if (next !== undefined ? entry.seen <= next : entry.seen % (every ?? 1) === 0) return entry.fault;
      }
      return {};
    },
  };
}

function toCall(body: string, headers: IncomingHttpHeaders): Call {
  const hash = createHash('sha256').update(body).digest('hex');
  return { hash, request: JSON.parse(body) as ChatRequest, headers };
}

function logLine({ hash, request }: Call, n: number): string {
  const schema = request.response_format?.json_schema?.name;
  return `${JSON.stringify({ n, hash, model: request.model, schema })}\n`;
}

function countCalls(calls: Call[]) {
  const byHash: Record<string, number> = {};
  const byId: Record<string, number> = {};
  for (const { hash, headers } of calls) {
    byHash[hash] = (byHash[hash] ?? 0) + 1;
    const id = String(headers['x-client-request-id'] ?? '');
    if (id !== '') byId[id] = (byId[id] ?? 0) + 1;
  }
  return { count: calls.length, byHash, byId };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function send(response: ServerResponse, fault: ProviderFault, n: number, body: string): void {
  response.writeHead(fault.status ?? 200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-request-id': `req_${n}`,
    ...(fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) }),
    ...fault.headers,
  });
  if (fault.cut !== true) {
    response.end(body);
    return;
  }
  response.write(body.slice(0, body.length / 2), () => response.destroy());
}

function answerTo({ request: chat, hash }: Call, text: string, fault: ProviderFault) {
  const { status, code = null, type = 'error', param = null, message = `refused with ${status}` } = fault;
  if (status !== undefined && status >= 300) return { error: { message, type, param, code } };
  const content = fault.malformed === true ? '{"columns": [{"name": "a' : fault.empty === true ? '' : text;
  const usage = {
    prompt_tokens: Math.ceil(JSON.stringify(chat.messages).length / 4),
    completion_tokens: Math.ceil(content.length / 4),
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  };
  return {
    id: `chatcmpl-${hash.slice(0, 24)}`,
    object: 'chat.completion',
    created: 1_700_000_000,
    model: chat.model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content, refusal: fault.refusal ?? null },
        finish_reason: fault.finishReason ?? 'stop',
      },
    ],
    ...(fault.usage === null ? {} : { usage: fault.usage ?? usage }),
  };
}

/**
 * A paragraph that names nothing, or a description of each column that the schema, else the prompt, lists.
 */
function writeAnswer(chat: ChatRequest): string {
  const schema = chat.response_format?.json_schema;
  if (schema === undefined) {
    return (
      'Each row stands for one record of the source after cleaning. Values are taken over as they are, ' +
      'unless the code casts or renames them, and nothing is filtered out on the way.'
    );
  }
  const listed = [...new Set(enumsOf(schema.schema))];
  const names = listed.length > 0 ? listed : namesIn(chat.messages);
  const describe = (name: string) => ({
    name,
    description: `The ${name.replaceAll('_', ' ').toLowerCase()} of each record, as the model reads it.`,
  });
  return JSON.stringify(/^column/.test(schema.name) ? { columns: names.map(describe) } : {});
}

function enumsOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own = (schema as { enum?: unknown }).enum;
  const here = Array.isArray(own) ? own.filter((value) => typeof value === 'string') : [];
  return [...here, ...Object.values(schema).flatMap((part) => (part === own ? [] : enumsOf(part)))];
}

/** Lines such as: - order_id (bigint): …, of the section of columns where there is one. */
function namesIn(messages: ChatRequest['messages']): string[] {
  const texts = messages.flatMap(({ content }) =>
    typeof content === 'string' ? content : content.map(({ text = '' }) => text),
  );
  const text = texts.join('\n');
  // A description may have line breaks, so the section ends only where the next one begins.
  const section = text.split('# Columns to describe\n')[1]?.split('\n\n# ')[0] ?? text;
  return [
    ...new Set([...section.matchAll(/^- `?(.+?)`?(?: [(a-z].*|: .*|)$/gm)].map(([, name = '']) => name)),
  ];
}
