import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { functionLengths } from './support/function-lengths.ts';
import { type Import, importsOf } from './support/imports.ts';

const ROOT = join(import.meta.dirname, '..');

/**
 * What each room may import of the others (design.md section 3). `type:` = types only; a path = that file or
 * folder alone. `*` = everything. Tests may import everything.
 */
const MAY_IMPORT: Record<string, string[]> = {
  domain: [],
  workflows: ['domain', 'type:activities'],
  activities: ['domain', 'kinds', 'type:store', 'type:gateways', 'type:workflows'],
  kinds: ['domain'],
  store: ['domain'],
  gateways: ['domain', 'workflows/messages.ts'],
  api: ['domain', 'kinds', 'type:store', 'type:gateways', 'workflows/messages.ts', 'type:config'],
  config: ['domain'],
  local: ['config', 'domain'],
  client: ['domain'],
  cli: ['type:api', 'client', 'domain', 'local'],
  worker: ['activities', 'config', 'domain', 'gateways', 'kinds', 'local', 'store', 'workflows'],
  docs: ['*'],
};
/** Only these construct things, so they may import every room but each other's. */
const MAINS = ['api/main.ts', 'worker/main.ts', 'cli/main.ts'];
/** zod is for the doors: requests, configuration, files that people bring. */
const ZOD_MAY_BE_IN = [/^api\//, /^config\//, /^kinds\/[^/]+\/input\.ts$/, /^kinds\/[^/]+\/read\//];
const FORBIDDEN_FOLDERS = new Set(['services', 'utils', 'common', 'helpers', 'types', 'components']);
const FILE_LINES = 250;
const FUNCTION_LINES = 70;
const LINE_COLUMNS = 110;
const ROOMS = [...Object.keys(MAY_IMPORT), 'test', 'bin'];

const files = ROOMS.flatMap(sourcesIn);

describe('the tree is tidy', () => {
  test('every import keeps to the table of rooms', () => {
    const wrong = files
      .filter((path) => !path.startsWith('test/') && !MAINS.includes(path))
      .flatMap((path) =>
        importsOf(path, read(path))
          .filter((each) => !mayImport(path, each))
          .map(describeImport(path)),
      );
    expect(wrong).toEqual([]);
  });

  test('domain imports no library', () => {
    const wrong = files
      .filter((path) => path.startsWith('domain/'))
      .flatMap((path) =>
        importsOf(path, read(path))
          .filter((each) => each.room === undefined)
          .map(describeImport(path)),
      );
    expect(wrong).toEqual([]);
  });

  test('zod stays at the doors', () => {
    const wrong = files
      .filter((path) => !path.startsWith('test/') && !ZOD_MAY_BE_IN.some((pattern) => pattern.test(path)))
      .filter((path) =>
        importsOf(path, read(path)).some((each) => /^(zod|@hono\/zod-openapi)/.test(each.from)),
      );
    expect(wrong).toEqual([]);
  });

  test(`no file has more than ${FILE_LINES} lines and no line more than ${LINE_COLUMNS} columns`, () => {
    const wrong = files.flatMap((path) => {
      const lines = read(path).replace(/\n$/, '').split('\n');
      const long = lines.findIndex((line) => [...line].length > LINE_COLUMNS);
      return [
        ...(lines.length > FILE_LINES ? [`${path}: ${lines.length} lines`] : []),
        ...(long === -1 ? [] : [`${path}:${long + 1}: ${lines[long]?.length} columns`]),
      ];
    });
    expect(wrong).toEqual([]);
  });

  test(`no function has more than ${FUNCTION_LINES} lines`, () => {
    const wrong = files
      .filter((path) => !path.startsWith('test/') && path.endsWith('.ts'))
      .flatMap((path) =>
        functionLengths(read(path))
          .filter(({ lines }) => lines > FUNCTION_LINES)
          .map(({ name, lines }) => `${path}: ${name} has ${lines} lines`),
      );
    expect(wrong).toEqual([]);
  });

  test('nothing is left to do in a comment', () => {
    const mark = new RegExp(
      `\\b(${['TO', 'FIX'].map((word) => `${word}${word === 'TO' ? 'DO' : 'ME'}`).join('|')}|XXX)\\b`,
    );
    expect(files.filter((path) => path !== 'test/tidy.test.ts' && mark.test(read(path)))).toEqual([]);
  });

  test('folders are named after what lives there', () => {
    const wrong = files.filter((path) => path.split('/').some((part) => FORBIDDEN_FOLDERS.has(part)));
    expect(wrong).toEqual([]);
  });

  test('every export is used, and every package too', async () => {
    const knip = join(ROOT, 'node_modules/knip/bin/knip.js');
    const outcome = await promisify(execFile)(process.execPath, [knip, '--no-progress'], { cwd: ROOT }).catch(
      (error: { stdout: string; stderr: string }) => error,
    );
    expect(`${outcome.stdout}${outcome.stderr}`).toBe('');
  }, 60_000);
});

function mayImport(path: string, each: Import): boolean {
  const room = path.split('/')[0] ?? '';
  const allowed = MAY_IMPORT[room] ?? [];
  if (each.room === undefined || each.room === room || allowed.includes('*')) return true;
  if (allowed.includes(each.room)) return true;
  if (each.typeOnly && allowed.includes(`type:${each.room}`)) return true;
  return allowed.some((entry) => each.path?.startsWith(entry) === true && entry.includes('/'));
}

function describeImport(path: string) {
  return (each: Import) => `${path} imports ${each.typeOnly ? 'types of ' : ''}${each.from}`;
}

function sourcesIn(room: string): string[] {
  return readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|js)$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}
