import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceEnvironment } from '../../local/environment.ts';
import { inspectServices } from '../../local/inspect.ts';
import { findProgram } from '../../local/resolve.ts';
import { bareEnvironment, processExists, program, scratch, TEMPORAL_ANSWER, until } from './fake-programs.ts';
import { runParent } from './run-parent.ts';

const { folder, remove } = scratch();
afterAll(remove);

let count = 0;

/**
 * An environment in which only `go` is there, and does what the lines say. `$COUNT` is a file for its
 * notes.
 */
function withGo(...lines: string[]): ServiceEnvironment & { notes: string } {
  count += 1;
  const [tools, cacheDir] = [folder(`tools-${count}`), folder(`cache-${count}`)];
  const notes = join(tools, 'notes');
  program(join(tools, 'go'), `NOTES=${notes}`, ...lines);
  const path = `${tools}:${process.env.PATH}`;
  return { ...bareEnvironment(path, cacheDir), path, mayBuild: true, notes };
}

const MAKE = [
  'mkdir -p "$GOBIN"',
  `printf '%s\\n' '#!/bin/sh' '${TEMPORAL_ANSWER}' > "$GOBIN/temporal"`,
  'chmod +x "$GOBIN/temporal"',
];

function find(environment: ServiceEnvironment, messages: string[] = [], signal?: AbortSignal) {
  return findProgram({
    service: 'temporal',
    environment,
    report: ({ message }) => messages.push(message),
    ...(signal === undefined ? {} : { signal }),
  });
}

describe('a build', () => {
  test('runs the documented command and says how far it is', async () => {
    const environment = withGo('echo "$@" > $NOTES', 'echo github.com/some/package >&2', ...MAKE);
    const messages: string[] = [];
    expect(await find(environment, messages)).toMatchObject({ how: 'build' });
    expect(readFileSync(environment.notes, 'utf8')).toBe(
      'install -v github.com/temporalio/cli/cmd/temporal@v1.5.1\n',
    );
    expect(messages).toContainEqual(expect.stringMatching(/^building with go: 1 packages compiled, \d+ s$/));
    expect(readdirSync(environment.cacheDir)).toEqual(['temporal-1.5.1']);
  });

  test('that fails shows the end of what it said, and leaves nothing', async () => {
    const environment = withGo('echo "no space left on device" >&2', 'exit 4');
    await expect(find(environment)).rejects.toThrow(
      /go ended with code 4 after 0 s:\nno space left on device/,
    );
    expect(readdirSync(environment.cacheDir)).toEqual([]);
  });

  test('whose program does not answer is not used', async () => {
    const environment = withGo(
      'mkdir -p "$GOBIN"',
      'echo rubbish > "$GOBIN/temporal"',
      'chmod +x "$GOBIN/temporal"',
    );
    await expect(find(environment)).rejects.toThrow(/temporal --version does not work/);
    expect(readdirSync(environment.cacheDir)).toEqual([]);
  });

  test('replaces a program in the cache that no longer works', async () => {
    const environment = withGo(...MAKE);
    program(join(environment.cacheDir, 'temporal-1.5.1', 'temporal'), 'exit 1');
    expect(await find(environment)).toMatchObject({ how: 'build' });
    expect(await find(environment)).toMatchObject({ how: 'cache' });
  });

  test('is made once when two want it: the second waits and uses it', async () => {
    const environment = withGo('echo x >> $NOTES', 'sleep 0.5', ...MAKE);
    const messages: string[] = [];
    const both = await Promise.all([find(environment, messages), find(environment, messages)]);
    expect(both.map(({ how }) => how).sort()).toEqual(['build', 'cache']);
    expect(readFileSync(environment.notes, 'utf8')).toBe('x\n');
    expect(messages).toContainEqual(
      expect.stringMatching(new RegExp(`^waiting for process ${process.pid},`)),
    );
  });

  test('is ended with all its processes when it is called off', async () => {
    const environment = withGo('sleep 63 & echo $! > $NOTES.tmp; mv $NOTES.tmp $NOTES', 'wait');
    const calling = new AbortController();
    const finding = find(environment, [], calling.signal);
    await until('the build runs', () => existsSync(environment.notes));
    calling.abort(new Error('called off'));
    await expect(finding).rejects.toThrow('called off');
    const pid = Number(readFileSync(environment.notes, 'utf8'));
    await until('its processes are gone', () => !processExists(pid));
    expect(readdirSync(environment.cacheDir)).toEqual([]);
  });

  test('that was killed in the middle is never used: the next one starts anew', async () => {
    const slow = withGo('echo $$ > $NOTES.tmp; mv $NOTES.tmp $NOTES', ...MAKE, 'sleep 64');
    const { parent } = await runParent('build', slow.cacheDir, slow.path);
    await until('the build runs', () => existsSync(slow.notes), 10_000);
    const builder = Number(readFileSync(slow.notes, 'utf8'));
    parent.kill('SIGKILL');
    await until('the build has ended', () => !processExists(builder), 3_500);
    const bare = bareEnvironment('', slow.cacheDir);
    const { cache } = await inspectServices({ dataDir: folder('no-data'), environment: bare });
    expect(cache.entries).toMatchObject([{ state: 'half_finished' }]);
    const environment = { ...withGo(...MAKE), cacheDir: slow.cacheDir };
    expect(await find(environment)).toMatchObject({ how: 'build' });
    expect(readdirSync(slow.cacheDir)).toEqual(['temporal-1.5.1']);
  }, 20_000);
});

describe('the inspection', () => {
  test('says which way would be used, with every way and the tools, and changes nothing', async () => {
    const environment = withGo('echo go version go1.99.1 linux');
    mkdirSync(join(environment.cacheDir, 'partial-temporal-abc'));
    const dataDir = join(folder('inspected'), 'data');
    const seen = await inspectServices({ dataDir, environment });
    const [temporal] = seen.services;
    expect(temporal?.wouldUse).toMatchObject({ how: 'build', result: 'possible' });
    expect(temporal?.ways.map(({ how, result }) => [how, result])).toEqual([
      ['environment', 'not_found'],
      ['path', 'not_found'],
      ['cache', 'not_found'],
      ['download', 'not_found'],
      ['build', 'possible'],
    ]);
    expect(seen.toolchains[0]).toMatchObject({ name: 'go', version: '1.99.1' });
    expect(seen.cache.entries).toEqual([{ name: 'partial-temporal-abc', bytes: 0, state: 'half_finished' }]);
    expect(seen.cache.freeBytes).toBeGreaterThan(0);
    expect(seen.data).toMatchObject({ exists: false, bytes: 0 });
    expect(existsSync(dataDir)).toBe(false);
    expect(existsSync(environment.notes)).toBe(false);
  });

  test('suggests no other server when the given one is silent, and shows no password', async () => {
    const bare = bareEnvironment(process.env.PATH ?? '', folder('given'));
    const mongoUri = 'mongodb://user:secret@127.0.0.1:1/';
    const environment = { ...bare, mongoUri, temporalAddress: 'nonsense' };
    const { services } = await inspectServices({ dataDir: folder('given-data'), environment });
    for (const service of services) {
      expect(service.wouldUse).toBeUndefined();
      expect(service.ways[0]).toMatchObject({ how: 'environment', result: 'broken' });
    }
    expect(JSON.stringify(services)).not.toContain('secret');
  });
});
