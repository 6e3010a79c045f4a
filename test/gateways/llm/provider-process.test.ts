import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createSdkModel } from '../../../gateways/llm/sdk-model.ts';
import { VENDORS } from '../../../gateways/llm/vendors.ts';
import { quiet, requestOf } from './request.ts';

const MAIN = join(import.meta.dirname, '../../support/provider-main.ts');
const folder = mkdtempSync(join(tmpdir(), 'bursar-provider-'));
const log = join(folder, 'calls.jsonl');
let child: ChildProcess;
let url: string;

beforeAll(async () => {
  const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit'];
  const options = { stdio, env: { ...process.env, NODE_OPTIONS: '' } };
  child = spawn(process.execPath, ['--import', 'tsx', MAIN, '--log', log], options);
  const [line] = await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line');
  url = (JSON.parse(line) as { url: string }).url;
}, 20_000);

afterAll(async () => {
  child.kill();
  await once(child, 'exit');
  rmSync(folder, { recursive: true });
});

const create = () => createSdkModel(VENDORS.openai, { apiKey: 'sk-test', baseUrl: url, timeoutMs: 5000 });
const root = () => new URL(url).origin;
const countCalls = async () => (await (await fetch(`${root()}/__calls`)).json()) as { count: number };

test('counts calls, also repeated ones, and logs each with the hash of its request', async () => {
  const request = requestOf({ model: 'openai/gpt-5-mini' });
  const first = await create().generate(request, quiet());
  expect((await create().generate(request, quiet())).text).toBe(first.text);
  await create().generate({ ...request, instruction: 'Another.' }, quiet());
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  const hashes = lines.map((line) => (JSON.parse(line) as { hash: string }).hash);
  expect(hashes[0]).toBe(hashes[1]);
  expect(await countCalls()).toEqual({
    count: 3,
    byHash: { [hashes[0] ?? '']: 2, [hashes[2] ?? '']: 1 },
    byId: {},
  });
});

test('fails as it is told over HTTP: the next call, or every nth', async () => {
  const setFaults = (faults: unknown) =>
    fetch(`${root()}/__faults`, { method: 'POST', body: JSON.stringify(faults) });
  const outcome = () =>
    create()
      .generate(requestOf({ model: 'openai/gpt-5-mini' }), quiet())
      .then(
        () => 'ok',
        (error) => error.code,
      );
  await setFaults([
    { next: 1, status: 429, retryAfter: 2 },
    { every: 2, status: 500 },
  ]);
  const outcomes = [await outcome(), await outcome(), await outcome(), await outcome()];
  expect(outcomes).toEqual(['llm_rate_limited', 'ok', 'llm_unavailable', 'ok']);
  await setFaults([]);
});

test('describes the columns that a prompt lists where the schema names none', async () => {
  const request = requestOf({
    model: 'openai/gpt-5-mini',
    context: 'Columns:\n- `order_id` bigint\n- `amount` numeric',
    schema: { name: 'columns', jsonSchema: { type: 'object' } },
  });
  const { columns } = JSON.parse((await create().generate(request, quiet())).text) as {
    columns: { name: string; description: string }[];
  };
  expect(columns.map(({ name }) => name)).toEqual(['order_id', 'amount']);
});
