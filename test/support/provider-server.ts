import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createProviderLimit, type ProviderLimit } from './provider-limit.ts';
import { bodyOf, type ModelRequest, type ProviderFault } from './provider-wire.ts';

interface Call {
  /** SHA-256 of the request's body, so that a repeated generation shows. */
  hash: string;
  request: ModelRequest;
  headers: IncomingHttpHeaders;
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
  reply?: (request: ModelRequest) => string | undefined;
}

/**
 * A server that speaks OpenAI's `/chat/completions` and `/embeddings` and Anthropic's `/messages`, always
 * answers the same to the same, counts calls and
 * fails as told: `GET /__calls` → `{count, byHash, byId}` (by the id that the caller gave), `POST
 * /__faults` with a fault or a list of them ([] for none).
 */
export async function startProviderServer(options: ProviderServerOptions = {}): Promise<ProviderServer> {
  const calls: Call[] = [];
  const faults = createFaults();
  const limit = createProviderLimit();
  let reply: string | undefined;

  async function complete(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = toCall(await readBody(request), request.headers);
    const n = calls.push(call);
    if (options.logFile !== undefined) appendFileSync(options.logFile, logLine(call, n));
    const fault = limit.next() ?? faults.ofNextCall();
    if (fault.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    if (fault.hang === true) return;
    const path = request.url ?? '';
    const body = fault.body ?? bodyOf(path, call, reply ?? options.reply?.(call.request), fault);
    send(response, fault, n, body, call.request.stream === true && fault.body === undefined);
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = `${request.method} ${request.url}`;
    if (route === 'GET /__calls') return sendJson(response, 200, countCalls(calls));
    if (route === 'POST /__faults') {
      faults.set(JSON.parse(await readBody(request)) as ProviderFault[]);
      return sendJson(response, 200, {});
    }
    if (route === 'POST /__reply') {
      reply = (JSON.parse(await readBody(request)) as { text?: string }).text;
      return sendJson(response, 200, {});
    }
    if (route === 'GET /__limit') return sendJson(response, 200, limit.figures());
    if (route === 'POST /__limit') {
      limit.set(JSON.parse(await readBody(request)) as ProviderLimit);
      return sendJson(response, 200, {});
    }
    if (MODEL_ROUTES.test(route)) return complete(request, response);
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

const MODEL_ROUTES = /^POST .*\/(chat\/completions|embeddings|messages)$/;

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
  return { hash, request: JSON.parse(body) as ModelRequest, headers };
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

function send(
  response: ServerResponse,
  fault: ProviderFault,
  n: number,
  body: string,
  stream: boolean,
): void {
  response.writeHead(fault.status ?? 200, {
    'content-type': stream ? 'text/event-stream' : 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-request-id': `req_${n}`,
    'request-id': `req_${n}`,
    ...(fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) }),
    ...fault.headers,
  });
  if (fault.cut !== true) {
    response.end(body);
    return;
  }
  response.write(body.slice(0, body.length / 2), () => response.destroy());
}
