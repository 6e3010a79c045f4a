import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startBursar } from '../support/bursar.ts';

const ROOT = join(import.meta.dirname, '../..');
const TOY = join(ROOT, 'test/fixtures/kinds/toy');
const LINE = "export { createToy as toy } from './toy/index.ts';\n";
/** What a copy does without. */
const LEFT_OUT = /^(node_modules|\.git|\.bursar.*|dist|bursar-docs|examples\/shop)$/;

let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'bursar-toy-'));
  for (const name of readdirSync(ROOT))
    if (!LEFT_OUT.test(name)) cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  cpSync(TOY, join(copy, 'kinds/toy'), { recursive: true });
  const list = join(copy, 'kinds/all.ts');
  writeFileSync(list, readFileSync(list, 'utf8') + LINE);
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

test('a fourth kind is a folder and one line: its runs are planned, paid and completed', async () => {
  const bursar = await startBursar({ root: copy });
  try {
    const request = { kind: 'toy', input: { words: ['one', 'three', 'seventeen'] } };
    const estimate = await bursar.client.post<{ items: number; calls: number }>('/estimates', request);
    expect([estimate.items, estimate.calls]).toEqual([3, 3]);
    const { id } = await bursar.client.post<{ id: string }>('/runs', request);
    const run = await bursar.client.untilEnded(id);
    expect([run.state, run.kind, run.progress.done, run.calls]).toEqual(['completed', 'toy', 3, 3]);
    expect(run.cost.actualUsd).toBeGreaterThan(0);
    const { logs } = await bursar.client.get<{ logs: { object: string; layer: string }[] }>(
      `/runs/${id}/logs`,
    );
    expect(logs.map(({ object, layer }) => `${object} ${layer}`)).toEqual([
      'one count',
      'three count',
      'seventeen count',
    ]);
    const { entries } = await bursar.client.get<{ entries: { scope: { kind?: string } }[] }>(
      '/costs/entries',
    );
    expect(entries.map(({ scope }) => scope.kind)).toEqual(['toy', 'toy', 'toy']);
  } finally {
    await bursar.stop();
  }
}, 120_000);

test('the copy with it type-checks', async () => {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const outcome = await promisify(execFile)(process.execPath, [tsc, '--noEmit', '--checkers', '1'], {
    cwd: copy,
  }).catch((error: { stdout: string }) => error);
  expect(outcome.stdout).toBe('');
}, 120_000);

test('CONTRIBUTING says how much it is', () => {
  const lines = readFileSync(join(TOY, 'index.ts'), 'utf8').trimEnd().split('\n').length;
  expect(readdirSync(TOY)).toEqual(['index.ts']);
  const page = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
  expect(page).toContain(`one file of ${lines} lines, and one line in \`kinds/all.ts\``);
});
