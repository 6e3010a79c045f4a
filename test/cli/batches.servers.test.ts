import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Batch } from '../../cli/client/batches.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { SHOP } from '../support/shop.ts';
import { runBursar, scratchFolder } from './run-bursar.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples/batch');
const SUBMIT = ['submit', join(EXAMPLES, 'layers.jsonl'), '--project', SHOP.manifest, '--yes', '--json'];
const folder = scratchFolder();
let bursar: Bursar;

beforeAll(async () => {
  bursar = await startBursar();
}, 60_000);
afterAll(() => bursar.stop());

const run = (...args: string[]) =>
  runBursar(folder, ['batch', ...args, '--url', bursar.client.url, '--api-key', bursar.key]);

test('a file is submitted, approved, followed to its end and its results written, once', async () => {
  await bursar.client.send('PUT', '/admin/settings', { costWarningThreshold: 0.000001 });
  const first = await run(...SUBMIT, '--results', 'early.jsonl');
  expect([first.code, first.stdout.trimEnd().split('\n').length]).toEqual([4, 1]);
  const waiting = JSON.parse(first.stdout) as Batch & { added: number };
  expect(waiting).toMatchObject({ name: 'shop by layer', added: 3, waitReason: 'approval', parallelism: 2 });
  expect((await run('approve', waiting.id, '--hash', 'f'.repeat(64))).code).toBe(1);
  expect((await run('approve', waiting.id)).code).toBe(0);
  const again = await run(...SUBMIT, '--wait', '--results', 'out.jsonl', '--parallel', '3');
  expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('0 runs added, 3 unchanged')]);
  expect(JSON.parse(again.stdout)).toMatchObject({
    id: waiting.id,
    state: 'completed',
    added: 0,
    unchanged: 3,
  });
  const lines = readFileSync(join(folder, 'out.jsonl'), 'utf8').trim().split('\n');
  const results = lines.map((line) => JSON.parse(line) as { externalId: string; state: string });
  expect(results.map(({ externalId }) => externalId)).toEqual(['summary', 'lineage', 'limitations']);
  expect((await run('results', waiting.id)).stdout.trim().split('\n')).toEqual(lines);
  expect((await run('list')).stdout).toMatch(/shop by layer +completed +3\/3/);
  expect((await run('status', waiting.id)).stdout).toContain('3/3 runs  45/45 objects');
}, 120_000);

test('all that is wrong with a file is said, and it is a mistake of usage', async () => {
  const runs = ['{externalId: a, options: {concurrency: 0}}', `{externalId: b, input: {x: "$\{zone}"}}`];
  writeFileSync(
    join(folder, 'bad.yaml'),
    `defaults: {kind: documentation, input: {projectId: p}}\nruns: [${runs}]\n`,
  );
  const { code, stderr } = await run('submit', 'bad.yaml', '--dry-run');
  expect(code).toBe(2);
  expect(stderr).toContain('runs.0.options.concurrency: Too small');
  expect(stderr).toContain('runs.1.input.x: no value is given for the variable zone (externalId "b")');
  const filled = await run('submit', 'bad.yaml', '--dry-run', '--var', 'zone=1');
  expect(filled.stderr).not.toContain('zone');
  expect((await run('submit', 'none.yaml', '--yes')).code).toBe(2);
}, 60_000);
