import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import mongoose from 'mongoose';
import { AppError } from '../../domain/errors.ts';
import { serviceEnvironment } from '../../local/environment.ts';
import { lookInCache, lookOnPath } from '../../local/resolve.ts';
import { type LocalServices, type ServiceOptions, startServices } from '../../local/services.ts';
import { processExists, scratch, until } from './fake-programs.ts';
import { runParent } from './run-parent.ts';

// The servers of the whole test run must not be taken for ours.
const variables = { ...process.env, TEMPORAL_ADDRESS: '', MONGODB_URI: '' };
const environment = { ...serviceEnvironment(variables), mayDownload: false, mayBuild: false };
const present = await Promise.all(
  (['temporal', 'mongodb'] as const).map(async (service) => {
    const search = { service, environment, report: () => {} };
    const ways = [await lookOnPath(search), await lookInCache(search)];
    return ways.some(({ result }) => result === 'found');
  }),
);
const built = present.every(Boolean);
if (!built) console.log('Skipped: no Temporal and MongoDB servers are built yet; bin/bursar up builds them.');
const describeServers = built ? describe : describe.skip;

const { folder, remove } = scratch();
const running: LocalServices[] = [];
const listeners: Server[] = [];
const messages: string[] = [];

afterAll(async () => {
  await Promise.all(running.map((services) => services.stop()));
  for (const listener of listeners) listener.close();
  remove();
});

async function start(name: string, more: Partial<ServiceOptions> = {}): Promise<LocalServices> {
  const services = await startServices({
    dataDir: folder(name),
    ephemeral: false,
    environment,
    report: ({ message }) => messages.push(message),
    ports: { temporal: 17_433, temporalUi: 18_433, mongodb: 27_433 },
    ...more,
  });
  running.push(services);
  return services;
}

async function withDocuments<T>(
  uri: string,
  use: (documents: mongoose.mongo.Collection) => Promise<T>,
): Promise<T> {
  const client = new mongoose.mongo.MongoClient(uri, { serverSelectionTimeoutMS: 5_000 });
  try {
    return await use(client.db().collection('kept'));
  } finally {
    await client.close();
  }
}

async function describeNamespace(address: string, namespace: string): Promise<string> {
  const connection = await Connection.connect({ address });
  try {
    const answer = await connection.workflowService.describeNamespace({ namespace });
    return answer.namespaceInfo?.name ?? '';
  } finally {
    await connection.close();
  }
}

async function registerNamespace(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address });
  try {
    const day = { seconds: 86_400 } as never;
    await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: day });
  } finally {
    await connection.close();
  }
}

function listen(port: number): Promise<void> {
  const listener = createServer();
  listeners.push(listener);
  return new Promise((resolve) => listener.listen(port, '127.0.0.1', resolve));
}

describeServers('the local services', () => {
  test('answer, keep their data between starts, use one folder once, and leave no process', async () => {
    const first = await start('kept');
    expect(first.temporalAddress).toBe('127.0.0.1:17433');
    expect((await fetch(first.temporalUrl ?? '')).status).toBe(200);
    expect(first.mongoUri).toContain('127.0.0.1:27433');
    expect(first.found.map(({ how }) => how)).not.toContain('build');
    await withDocuments(first.mongoUri, (documents) => documents.insertOne({ name: 'written before' }));
    await registerNamespace(first.temporalAddress, 'made-before');

    const refused = await start('kept').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AppError);
    expect(refused).toMatchObject({ code: 'conflict' });
    expect((refused as AppError).publicMessage).toContain(`in use by process ${process.pid} since`);

    const pids = Object.values(first.pids);
    expect(pids).toHaveLength(2);
    await first.stop();
    await first.stop();
    expect(pids.filter(processExists)).toEqual([]);

    const second = await start('kept', { headless: true });
    expect(second).not.toHaveProperty('temporalUrl');
    const found = await withDocuments(second.mongoUri, (documents) => documents.findOne({}));
    expect(found).toMatchObject({ name: 'written before' });
    expect(await describeNamespace(second.temporalAddress, 'made-before')).toBe('made-before');
    await second.stop();
  }, 40_000);

  test('run side by side, on other ports where theirs are taken, and heal after kill -9', async () => {
    await listen(17_434);
    messages.length = 0;
    const exits: boolean[] = [];
    const more = {
      respawn: true,
      onExit: ({ restarting }: { restarting: boolean }) => exits.push(restarting),
    };
    const ports = { temporal: 17_434, temporalUi: 18_434, mongodb: 27_434 };
    const [one, two] = await Promise.all([
      start('one', { ports, ...more }),
      start('two', { ports, ephemeral: true, headless: true }),
    ]);
    const addresses = [one.temporalAddress, two.temporalAddress, one.mongoUri, two.mongoUri];
    expect(new Set(addresses).size).toBe(4);
    expect(addresses).not.toContain('127.0.0.1:17434');
    expect(messages).toContainEqual(expect.stringMatching(/^port 17434 is taken; using \d+ instead$/));
    expect(messages).toContainEqual(expect.stringMatching(/^port 27434 is taken; using \d+ instead$/));
    await withDocuments(one.mongoUri, async (documents) => {
      await documents.insertOne({ name: 'acknowledged' }, { writeConcern: { w: 'majority', j: true } });
    });
    const before = { ...one.pids };
    for (const pid of Object.values(before)) process.kill(pid, 'SIGKILL');
    const isBack = (name: 'temporal' | 'mongodb') =>
      one.pids[name] !== undefined && one.pids[name] !== before[name];
    await until('both are back', () => isBack('temporal') && isBack('mongodb'), 15_000);
    expect(exits).toEqual([true, true]);
    const found = await withDocuments(one.mongoUri, (documents) => documents.findOne({}));
    expect(found).toMatchObject({ name: 'acknowledged' });
    expect(await describeNamespace(one.temporalAddress, 'default')).toBe('default');
    await Promise.all([one.stop(), two.stop()]);
    expect(existsSync(two.dataFolder ?? '')).toBe(false);
    expect(existsSync(join(one.dataFolder ?? '', 'temporal.db'))).toBe(true);
  }, 40_000);

  test('end within two seconds when their parent is killed, and their folder can be used again', async () => {
    const dataDir = folder('crashed');
    const kept = await runParent<{ temporal: number; mongodb: number }>('kept', dataDir);
    const passing = await runParent<{ temporal: number; mongodb: number; folder: string }>('ephemeral');
    kept.parent.kill('SIGKILL');
    passing.parent.kill('SIGKILL');
    const pids = [kept.said, passing.said].flatMap(({ temporal, mongodb }) => [temporal, mongodb]);
    expect(readFileSync(join(dataDir, 'bursar.lock'), 'utf8')).toContain(String(kept.parent.pid));
    await until('the servers are gone', () => !pids.some(processExists), 3_500);
    await until('the temporary folder is gone', () => !existsSync(passing.said.folder), 3_500);
    const again = await start('crashed', { headless: true });
    await again.stop();
    expect(existsSync(join(dataDir, 'bursar.lock'))).toBe(false);
  }, 40_000);

  test('that cannot start say why with the end of the log, and leave nothing running', async () => {
    const dataDir = folder('spoilt');
    writeFileSync(join(dataDir, 'temporal.db'), 'this is no database '.repeat(100));
    const error = await start('spoilt').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'services_unavailable' });
    expect((error as AppError).publicMessage).toMatch(
      /Temporal ended while it started.*temporal\.log:\n.*not a database/s,
    );
    expect(existsSync(join(dataDir, 'bursar.lock'))).toBe(false);
  }, 40_000);
});

test('a given server that does not answer is an error with its variable, not its password', async () => {
  const given = {
    ...environment,
    temporalAddress: '127.0.0.1:1',
    mongoUri: 'mongodb://me:secret@127.0.0.1:1/',
  };
  const options = { dataDir: folder('given'), ephemeral: false, report: () => {} };
  const error = await startServices({ ...options, environment: given }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'services_unavailable' });
  expect((error as AppError).publicMessage).toMatch(
    /^TEMPORAL_ADDRESS names 127\.0\.0\.1:1, which does not answer/,
  );
  expect((error as AppError).publicMessage).not.toContain('secret');
});

test('a data folder that cannot be made is an error that names it', async () => {
  const file = join(folder('blocked'), 'file');
  writeFileSync(file, '');
  const options = { ephemeral: false, report: () => {}, environment };
  const error = await startServices({ ...options, dataDir: join(file, 'data') }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code: 'services_unavailable' });
  expect((error as AppError).publicMessage).toContain(`The data folder ${join(file, 'data')} cannot be used`);
});
