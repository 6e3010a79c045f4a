import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../domain/errors.ts';
import { serviceEnvironment } from '../../local/environment.ts';
import { findProgram, type ServerProgram } from '../../local/resolve.ts';
import type { Engine, Service } from '../../local/server-versions.ts';
import {
  bareEnvironment,
  mongodAnswer,
  program,
  SECANTUS_ANSWER,
  scratch,
  TEMPORAL_ANSWER,
} from './fake-programs.ts';

const { folder, remove } = scratch();
afterAll(remove);

let count = 0;

/** Two new folders: programs on PATH, and the cache. */
function places(): { path: string; cache: string } {
  count += 1;
  return { path: folder(`path-${count}`), cache: folder(`cache-${count}`) };
}

function find(service: Service, path: string, cache: string, engine?: Engine): Promise<ServerProgram> {
  const environment = bareEnvironment(path, cache);
  return findProgram({ service, environment, report: () => {}, ...(engine === undefined ? {} : { engine }) });
}

async function refusal(finding: Promise<unknown>): Promise<AppError> {
  const error = await finding.catch((thrown: unknown) => thrown);
  if (!(error instanceof AppError)) throw new Error(`expected an AppError, got ${String(error)}`);
  return error;
}

describe('a server is looked for', () => {
  test('on PATH before the cache', async () => {
    const { path, cache } = places();
    const onPath = program(join(path, 'temporal'), TEMPORAL_ANSWER);
    program(join(cache, 'temporal-1.5.1', 'temporal'), TEMPORAL_ANSWER);
    const found = await find('temporal', `/nowhere:${path}`, cache);
    expect(found).toMatchObject({ how: 'path', where: onPath, version: '9.8.7 (server 6.5.4)' });
  });

  test('in the cache when PATH has none', async () => {
    const { path, cache } = places();
    const cached = program(join(cache, 'temporal-1.5.1', 'temporal'), TEMPORAL_ANSWER);
    expect(await find('temporal', path, cache)).toMatchObject({ how: 'cache', where: cached });
  });

  test('a real mongod before a substitute', async () => {
    const { path, cache } = places();
    program(join(path, 'secantusd-rs'), SECANTUS_ANSWER);
    program(join(path, 'mongod'), mongodAnswer('8.0.4'));
    expect(await find('mongodb', path, cache)).toMatchObject({ engine: 'mongod', version: '8.0.4' });
  });

  test('a substitute when mongod is too old', async () => {
    const { path, cache } = places();
    program(join(path, 'secantusd-rs'), SECANTUS_ANSWER);
    program(join(path, 'mongod'), mongodAnswer('6.0.19'));
    expect(await find('mongodb', path, cache)).toMatchObject({ engine: 'secantusd-rs' });
  });

  test.each([
    ['that fails', 'exit 3'],
    ['that is another program of that name', 'echo "temporal tables 1.0"'],
    ['that prints its version and then crashes', `${TEMPORAL_ANSWER}; exit 1`],
  ])('further when PATH has one %s', async (_what, line) => {
    const { path, cache } = places();
    program(join(path, 'temporal'), line);
    program(join(cache, 'temporal-1.5.1', 'temporal'), TEMPORAL_ANSWER);
    expect(await find('temporal', path, cache)).toMatchObject({ how: 'cache' });
  });

  test('by the program that wrote the data, whatever else is there', async () => {
    const { path, cache } = places();
    program(join(path, 'mongod'), mongodAnswer('8.0.4'));
    program(join(cache, 'secantusd-rs-0.5.3-beta.196', 'secantusd-rs'), SECANTUS_ANSWER);
    expect(await find('mongodb', path, cache, 'secantusd-rs')).toMatchObject({ how: 'cache' });
  });
});

describe('when no way leads to a server', () => {
  test('the error names every way with its reason', async () => {
    const { path, cache } = places();
    program(join(path, 'mongod'), mongodAnswer('6.0.19'));
    const error = await refusal(find('mongodb', path, cache));
    expect(error.code).toBe('services_unavailable');
    expect(error.details.map(({ field }) => field)).toEqual([
      'mongodb.environment',
      'mongodb.path',
      'mongodb.cache',
      'mongodb.download',
      'mongodb.build',
    ]);
    expect(error.publicMessage).toContain('MONGODB_URI is not set');
    expect(error.publicMessage).toContain('is MongoDB 6.0.19; 7.0 or newer is needed');
    expect(error.publicMessage).toContain('switched off by BURSAR_NO_DOWNLOAD');
    expect(error.publicMessage).toContain('switched off by BURSAR_NO_BUILD');
  });

  test('missing tools are named, and nothing is left in the cache', async () => {
    const { path, cache } = places();
    const environment = { ...bareEnvironment(path, cache), mayBuild: true };
    const error = await refusal(findProgram({ service: 'mongodb', environment, report: () => {} }));
    expect(error.publicMessage).toContain('not on PATH: cargo, cmake, cc');
    expect(readdirSync(cache)).toEqual([]);
  });

  test('a host that has no address makes it go on at once', async () => {
    const { path, cache } = places();
    const bare = bareEnvironment(path, cache);
    const environment = { ...bare, mayDownload: true, temporalDownloadUrl: 'http://no-such-host.invalid/x' };
    const startedAt = Date.now();
    const error = await refusal(findProgram({ service: 'temporal', environment, report: () => {} }));
    expect(error.publicMessage).toContain('no-such-host.invalid');
    expect(Date.now() - startedAt).toBeLessThan(4_000);
  });
});

test('the environment is read from its variables, and empty ones count as not set', () => {
  const read = serviceEnvironment({
    TEMPORAL_ADDRESS: 'temporal.example:7233',
    MONGODB_URI: '',
    PATH: '/bin',
    BURSAR_CACHE_DIR: '/cache',
    BURSAR_NO_BUILD: '1',
  });
  expect(read).toMatchObject({ temporalAddress: 'temporal.example:7233', path: '/bin', cacheDir: '/cache' });
  expect(read).toMatchObject({ mayDownload: true, mayBuild: false });
  expect(read).not.toHaveProperty('mongoUri');
});
