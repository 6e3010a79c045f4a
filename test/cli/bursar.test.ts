import { mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runBursar, scratchFolder } from './run-bursar.ts';

const folder = scratchFolder();
const START_LIMIT_MS = 10_000;

/** What people bring by mistake, and what each is told; none of it may start a service. */
const MALFORMED: [name: string, make: (path: string) => void, message: RegExp][] = [
  ['cut.json', (path) => writeFileSync(path, '{"nodes": {"a": [1, 2'), /cut\.json .*was it cut off\?/],
  ['comma.json', (path) => writeFileSync(path, '{\n  "a": 1,\n}'), /not valid JSON: .* at line 3, column 1/],
  ['empty.json', (path) => writeFileSync(path, ''), /empty\.json is empty/],
  ['blank.json', (path) => writeFileSync(path, ' \n \n'), /blank\.json is empty/],
  ['list.json', (path) => writeFileSync(path, '[1, 2]'), /is not a dbt manifest \(JSON\)/],
  ['page.json', (path) => writeFileSync(path, '<!doctype html>'), /is not a dbt manifest \(JSON\)/],
  ['binary.json', (path) => writeFileSync(path, Buffer.from([0x7f, 0x45, 0, 1, 2])), /is a binary file/],
  ['not.zip', (path) => writeFileSync(path, 'no zip at all'), /is not a zip archive/],
  ['schema.yml', (path) => writeFileSync(path, 'version: 2\n'), /name the folder of the project/],
  ['huge.json', hugeFile, /has 300 MB; at most 200 MB/],
  ['empty-folder', (path) => mkdirSync(path), /holds no \.sql file/],
  ['missing.json', () => {}, /does not exist/],
];

function hugeFile(path: string): void {
  writeFileSync(path, '');
  truncateSync(path, 300 * 1024 * 1024);
}

test.each(MALFORMED)('refuses %s at once with one line and exit code 2', async (name, make, message) => {
  const path = join(folder, name);
  make(path);
  const { code, stdout, stderr, tookMs } = await runBursar(folder, ['document', path, '--yes']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(message);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(tookMs).toBeLessThan(START_LIMIT_MS);
  expect(readdirSync(folder)).not.toContain('.bursar');
});

test('says an error as one line of JSON where --json is given', async () => {
  const { code, stdout } = await runBursar(folder, ['document', 'nowhere.json', '--yes', '--json']);
  expect(code).toBe(2);
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'invalid_input', message: /does not exist/ } });
});

test('starts nothing without a terminal to ask and without --yes', async () => {
  const { code, stderr } = await runBursar(folder, [
    'document',
    join(import.meta.dirname, '../../examples/shop'),
  ]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/add --yes/);
});

test('ends with 2 for wrong usage and names what would be right', async () => {
  const unknown = await runBursar(folder, ['documment']);
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toMatch(/Did you mean document/);
  const layer = await runBursar(folder, ['document', '.', '--layers', 'sumary', '--yes']);
  expect(layer.code).toBe(2);
  expect(layer.stderr).toMatch(/known: summary, business/);
});

test('shows the help of each command, without colours where there is no terminal', async () => {
  const { code, stdout } = await runBursar(folder, ['document', '--help']);
  expect(code).toBe(0);
  expect(stdout).toContain('--skip-existing');
  expect(stdout).toContain('--ephemeral');
  expect(stdout).not.toContain('\u001b[');
});

test('says that nobody answers at a named address', async () => {
  const args = ['runs', 'list', '--url', 'http://127.0.0.1:9', '--api-key', 'x'];
  const { code, stderr } = await runBursar(folder, args);
  expect(code).toBe(1);
  expect(stderr).toMatch(/no Bursar API answers at http:\/\/127\.0\.0\.1:9/);
});
