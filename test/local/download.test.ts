import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { officialArchive } from '../../local/download.ts';
import type { ServiceEnvironment } from '../../local/environment.ts';
import { findProgram } from '../../local/resolve.ts';
import { type ArchiveServer, type Fault, serveArchive } from './archive-server.ts';
import { bareEnvironment, mongodAnswer, program, scratch, TEMPORAL_ANSWER } from './fake-programs.ts';

const { folder, remove } = scratch();
let server: ArchiveServer;
let count = 0;

beforeAll(async () => {
  const place = folder('archive');
  program(join(place, 'temporal'), TEMPORAL_ANSWER, `# ${'padding '.repeat(5_000)}`);
  server = await serveArchive(place, 'temporal');
});
afterAll(() => {
  server.close();
  remove();
});

function newEnvironment(): ServiceEnvironment {
  count += 1;
  const bare = bareEnvironment(folder('empty'), folder(`cache-${count}`));
  // `tar` is found by the process's own PATH.
  return { ...bare, mayDownload: true, downloadStallMs: 300, temporalDownloadUrl: `${server.url}/releases` };
}

describe('the official download', () => {
  test('of a complete archive is used, then kept in the cache', async () => {
    server.fault = 'none';
    const environment = newEnvironment();
    const messages: string[] = [];
    const search = {
      service: 'temporal',
      environment,
      report: ({ message }: { message: string }) => messages.push(message),
    } as const;
    const where = join(environment.cacheDir, 'temporal-1.5.1', 'temporal');
    expect(await findProgram(search)).toMatchObject({
      how: 'download',
      where,
      version: '9.8.7 (server 6.5.4)',
    });
    const requests = server.asked.length;
    expect(await findProgram(search)).toMatchObject({ how: 'cache', where });
    expect(server.asked).toHaveLength(requests);
    expect(messages.some((message) => message.startsWith('downloading'))).toBe(true);
    expect(readdirSync(environment.cacheDir)).toEqual(['temporal-1.5.1']);
  });

  test.each<[Fault, RegExp]>([
    ['truncated', /was cut short after \d+ bytes/],
    ['corrupt', /tar .* does not work/],
    ['wrong_sum', /but f{64} was published; it is not used/],
    ['missing', /answered 404/],
    ['no_sums', /checksums\.txt answered 404/],
    ['stalls', /sent nothing for 300 ms/],
  ])('that is %s is never used, and leaves nothing', async (fault, reason) => {
    server.fault = fault;
    const environment = newEnvironment();
    const finding = findProgram({ service: 'temporal', environment, report: () => {} });
    await expect(finding).rejects.toThrow(reason);
    expect(readdirSync(environment.cacheDir)).toEqual([]);
  });

  test('that fails leads on to the build', async () => {
    server.fault = 'truncated';
    const tools = folder('tools');
    const made = ['mkdir -p "$GOBIN"', `echo '#!/bin/sh' > "$GOBIN/temporal"`];
    program(
      join(tools, 'go'),
      ...made,
      `echo '${TEMPORAL_ANSWER}' >> "$GOBIN/temporal"`,
      'chmod +x "$GOBIN/temporal"',
    );
    const environment = { ...newEnvironment(), mayBuild: true, path: `${tools}:${process.env.PATH}` };
    const found = await findProgram({ service: 'temporal', environment, report: () => {} });
    expect(found).toMatchObject({ how: 'build', version: '9.8.7 (server 6.5.4)' });
  });

  test('of MongoDB is the archive for this system, and its mongod is used', async () => {
    const place = folder('mongodb');
    const environment = newEnvironment();
    const { member } = await officialArchive('mongodb', environment);
    program(join(place, member), mongodAnswer('8.2.6'));
    const mongodb = await serveArchive(place, member.split('/')[0] ?? '');
    try {
      const mirrored = { ...environment, mongodbDownloadUrl: mongodb.url };
      const found = await findProgram({ service: 'mongodb', environment: mirrored, report: () => {} });
      expect(found).toMatchObject({ how: 'download', engine: 'mongod', version: '8.2.6' });
      expect(mongodb.asked).toContainEqual(expect.stringMatching(/mongodb-[\w-]+-8\.2\.6\.tgz\.sha256$/));
    } finally {
      mongodb.close();
    }
  });
});
