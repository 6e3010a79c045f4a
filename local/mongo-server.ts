import { mkdirSync } from 'node:fs';
import mongoose from 'mongoose';
import { type RunningServer, type ServerOptions, startServer } from './server-process.ts';
import type { Engine } from './server-versions.ts';

interface MongoOptions extends ServerOptions {
  engine: Exclude<Engine, 'temporal'>;
  dataFolder: string;
}

const SPEAK_LIMIT_MS = 2_000;
const REPLICA_SET = 'bursar';
const NOT_YET_INITIALIZED = 94;

/**
 * With `directConnection` the driver asks no server for its other members, so any name of the host will do.
 */
export function localMongoUri(port: number): string {
  return `mongodb://127.0.0.1:${port}/bursar?directConnection=true`;
}

/**
 * Starts a MongoDB server on 127.0.0.1 and waits until it takes writes. Transactions need a replica set: a
 * real mongod is started as its only member and initiated; `secantusd-rs` is one by itself.
 * @throws AppError `services_unavailable`.
 */
export function startMongo(options: MongoOptions): Promise<RunningServer> {
  const { engine, dataFolder, port } = options;
  mkdirSync(dataFolder, { recursive: true });
  return startServer(options, {
    service: 'mongodb',
    directory: dataFolder,
    // Settings files in the home folder must not change how the server works.
    variables: { HOME: dataFolder },
    arguments: engine === 'mongod' ? mongodArguments(options) : secantusArguments(options),
    speak: () => speakMongo(localMongoUri(port), engine === 'mongod' ? port : undefined),
  });
}

/**
 * Waits for a server that takes writes and transactions; an abort ends the wait.
 * @throws the driver's error when there is none within the limit.
 */
export async function pingMongo(uri: string, limitMs: number, signal?: AbortSignal): Promise<void> {
  const check = async (client: mongoose.mongo.MongoClient) => {
    const hello = await client.db('admin').command({ hello: 1 });
    if (hello.isWritablePrimary !== true) throw new Error('it takes no writes yet');
    if (hello.setName === undefined && hello.msg !== 'isdbgrid') {
      throw new Error('it is not a member of a replica set, which transactions need');
    }
  };
  await withClient(uri, limitMs, check, signal);
}

function mongodArguments({ port, dataFolder }: MongoOptions): string[] {
  return [
    ...['--port', String(port), '--bind_ip', '127.0.0.1', '--dbpath', dataFolder, '--nounixsocket'],
    ...['--replSet', REPLICA_SET, '--wiredTigerCacheSizeGB', '0.5', '--quiet'],
  ];
}

/**
 * Without syncing and frequent checkpoints, kill -9 loses acknowledged writes and, once in six trials, a
 * collection just created. With its default compressor, which leaves indexes as they are, the ledger takes
 * three times the space. A store that is there keeps the one that it has.
 */
function secantusArguments({ port, dataFolder }: MongoOptions): string[] {
  return [
    ...['--host', '127.0.0.1', '--port', String(port), '--storage-path', dataFolder, '--cache-size', '512M'],
    ...['--log-level', 'WARNING', '--sync-on-commit', '--checkpoint-seconds', '2'],
    ...['--block-compressor', 'zlib'],
  ];
}

/**
 * How long a transaction may hold its documents whose process was killed; 60 without it. The longest of
 * ours is the
 * check of the ledger.
 */
const TRANSACTION_SECONDS = 20;

async function speakMongo(uri: string, mongodPort: number | undefined): Promise<void> {
  if (mongodPort !== undefined)
    await withClient(uri, SPEAK_LIMIT_MS, (client) => initiate(client, mongodPort));
  await withClient(uri, SPEAK_LIMIT_MS, async (client) => {
    await client
      .db('admin')
      .command({ setParameter: 1, transactionLifetimeLimitSeconds: TRANSACTION_SECONDS });
  });
  await pingMongo(uri, SPEAK_LIMIT_MS);
}

/** Makes the server the only member of its set, under the port that it has now: data outlives a port. */
async function initiate(client: mongoose.mongo.MongoClient, port: number): Promise<void> {
  const admin = client.db('admin');
  const member = { _id: 0, host: `127.0.0.1:${port}` };
  try {
    const { config } = await admin.command({ replSetGetConfig: 1 });
    if (config.members[0]?.host === member.host) return;
    const moved = { ...config, version: config.version + 1, members: [{ ...config.members[0], ...member }] };
    await admin.command({ replSetReconfig: moved, force: true });
  } catch (error) {
    if (!(error instanceof mongoose.mongo.MongoServerError) || error.code !== NOT_YET_INITIALIZED)
      throw error;
    await admin.command({ replSetInitiate: { _id: REPLICA_SET, members: [member] } });
  }
}

async function withClient(
  uri: string,
  limitMs: number,
  use: (client: mongoose.mongo.MongoClient) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const client = new mongoose.mongo.MongoClient(uri, {
    serverSelectionTimeoutMS: limitMs,
    connectTimeoutMS: limitMs,
  });
  const onAbort = () => void client.close();
  signal?.addEventListener('abort', onAbort);
  try {
    await client.connect();
    await use(client);
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await client.close();
  }
}
