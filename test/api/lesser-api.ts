import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MAX_OWN_PRICES } from '../../domain/own-price.ts';
import { type Bursar, createClient, startProgram } from '../support/bursar.ts';
import { browse, startOidcServer } from '../support/oidc-server.ts';
import { PRICE } from './estimate-routes.ts';
import { bodyOf, type Operation } from './operations.ts';
import { PROVIDER_KEY } from './provider-routes.ts';
import type { ErrorBody } from './second-organization.ts';

type Saw = (method: string, template: string, status: number) => void;

/** Fails the first call, asks the second to wait. */
const FAILING = 'offline:failFirst=1,rateLimitEvery=2/text-embedding-3-small';
const AT_ONCE = 20;
const MOCK_JOBS = '/admin/ingest/jobs/mock';

/**
 * Asks a second API over the same database, one that lacks what the first has: a key to seal secrets with, a
 * model that answers, and in the end the database.
 */
export async function useLesserApi(bursar: Bursar, operations: Operation[], saw: Saw): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bursar-lesser-'));
  const oidc = await startOidcServer();
  const wire = await startWire(new URL(bursar.environment.MONGODB_URI ?? ''));
  const api = await startProgram('api/main.ts', {
    ...bursar.environment,
    MONGODB_URI: wire.uri,
    BURSAR_ENCRYPTION_KEY: '',
    BURSAR_EMBEDDING_MODEL: FAILING,
    BURSAR_MOCK_JOBS_FILE: join(folder, 'jobs.json'),
    BURSAR_LOG_LEVEL: 'error',
    ...oidc.environment,
    OIDC_ROLE_CLAIM: 'groups',
  });
  const client = createClient(String(api.ready.url), bursar.key);
  try {
    const unsealed = await client.send<ErrorBody>('PUT', '/providers/openai/key', PROVIDER_KEY);
    expect([unsealed.status, unsealed.body.error.details]).toEqual([
      400,
      [{ field: 'apiKey', problem: expect.stringContaining('BURSAR_ENCRYPTION_KEY is not set') }],
    ]);
    for (const _ of ['fails', 'asks to wait'])
      saw('GET', '/memories/search', (await client.send('GET', '/memories/search?q=anything')).status);
    saw('POST', '/prices', await fillPrices(client));
    saw('POST', MOCK_JOBS, (await client.send('POST', MOCK_JOBS)).status);
    writeFileSync(join(folder, 'jobs.json'), '{"teams": []}');
    saw('POST', MOCK_JOBS, (await client.send('POST', MOCK_JOBS)).status);
    await useOidcRoutes(String(api.ready.url), oidc, saw);
    // A key is remembered for a second, so that these requests come as far as their routes.
    await client.get('/status');
    wire.cut();
    const unavailable = operations.filter(({ responses }) => responses.includes('503'));
    const ask = async (operation: Operation) => {
      const path = operation.template.replaceAll(/\{\w+\}/g, 'none-of-that-id');
      const { status } = await client.send(operation.method, path, bodyOf(operation));
      saw(operation.method, operation.template, status);
    };
    await Promise.all(unavailable.map(ask));
  } finally {
    await api.kill();
    wire.close();
    oidc.stop();
    rmSync(folder, { recursive: true });
  }
}

/** A provider that is not there at first, lets nobody in that was not invited, and then somebody. */
async function useOidcRoutes(
  url: string,
  oidc: Awaited<ReturnType<typeof startOidcServer>>,
  saw: Saw,
): Promise<void> {
  const [start, callback] = ['/auth/oidc/start', '/auth/oidc/callback'];
  oidc.set.failures = 1;
  for (const query of ['', '?redirect=false'])
    saw('GET', start, (await fetch(`${url}/api/v1${start}${query}`, { redirect: 'manual' })).status);
  saw('GET', callback, (await fetch(`${url}/api/v1${callback}`)).status);
  const claims = { sub: 'x', email: 'x@example.com', email_verified: true };
  for (const groups of ['none', 'viewer']) {
    oidc.set.claims = { ...claims, groups };
    const { started, answer } = await browse(url);
    saw('GET', start, started.status);
    saw('GET', callback, answer.status);
  }
}

/** Sets own prices until one is refused. @returns the status of that. */
async function fillPrices(client: ReturnType<typeof createClient>): Promise<number> {
  for (let set = 0; set <= MAX_OWN_PRICES; set += AT_ONCE) {
    const prices = Array.from({ length: AT_ONCE }, (_, at) => ({
      ...PRICE,
      model: `compatible/m${set + at}`,
    }));
    const answers = await Promise.all(prices.map((price) => client.send('POST', '/prices', price)));
    const refused = answers.find(({ status }) => status !== 201);
    if (refused !== undefined) return refused.status;
  }
  throw new Error(`more than ${MAX_OWN_PRICES} prices were taken`);
}

/** A way to the database that can be cut. */
async function startWire(to: URL) {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    return socket;
  };
  let isCut = false;
  const server: Server = createServer((near) => {
    keep(near);
    if (isCut) return near.destroy();
    const far = keep(connect(Number(to.port), to.hostname));
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the wire has no port');
  const uri = new URL(to);
  uri.port = String(address.port);
  uri.hostname = '127.0.0.1';
  // Else the driver would go to the address that the replica set names, around the wire.
  uri.searchParams.delete('replicaSet');
  uri.searchParams.set('directConnection', 'true');
  return {
    uri: uri.toString(),
    cut(): void {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    close(): void {
      this.cut();
      server.close();
    },
  };
}
