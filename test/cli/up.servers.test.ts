import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SHOP } from '../support/shop.ts';
import { runBursar, type Started, scratchFolder, startBursar } from './run-bursar.ts';

const LIMIT_MS = 120_000;
const folder = scratchFolder();

interface Up {
  started: Started;
  here: string;
  urls: Record<string, string>;
}

async function upIn(name: string): Promise<Up> {
  const here = join(folder, name);
  mkdirSync(here);
  const started = startBursar(here, ['up', '--json']);
  const said = await started.says('"apiUrl"');
  const line = said.split('\n').find((each) => each.startsWith('{')) ?? '';
  return { started, here, urls: JSON.parse(line) as Record<string, string> };
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('up', () => {
  let up: Up;
  const documentStaging = (model: string) =>
    startBursar(
      up.here,
      ['document', SHOP.manifest, '--select', 'stg_orders', 'stg_customers'].concat([
        '--model',
        model,
        '--yes',
        '--json',
      ]),
    );

  beforeAll(async () => {
    up = await upIn('serves');
  }, LIMIT_MS);
  afterAll(async () => {
    up.started.signal('SIGTERM');
    await up.started.ended;
  }, LIMIT_MS);

  test('says where everything is in one line, and keeps the admin key for its owner only', async () => {
    expect(Object.keys(up.urls).sort()).toEqual(['apiUrl', 'mongoUri', 'temporalAddress', 'temporalUrl']);
    expect((await fetch(`${up.urls.apiUrl}/healthz`)).status).toBe(200);
    expect(statSync(join(up.here, '.bursar/admin-key')).mode & 0o777).toBe(0o600);
  });

  test('does not start a second time in the same folder, and says where the first one runs', async () => {
    const { code, stderr } = await runBursar(up.here, ['up']);
    expect(code).toBe(1);
    expect(stderr).toContain(`process ${up.started.pid}`);
    expect(stderr).toContain(up.urls.apiUrl);
  });

  test('is found by doctor with its worker', async () => {
    const { code, stdout } = await runBursar(up.here, ['doctor', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      usable: true,
      api: { url: up.urls.apiUrl, status: { workers: 1 } },
    });
  });

  test('serves other commands of its folder; an object that fails makes them end with 3', async () => {
    const model = 'offline:failObject=stg_orders,failCode=llm_bad_request';
    const { code, stdout } = await documentStaging(model).ended;
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      state: 'completed_with_errors',
      done: 1,
      failed: 1,
      errors: [{ code: 'llm_bad_request', count: 1, example: 'stg_orders' }],
    });
  });

  test('a command that gets SIGTERM cancels its run with calls in flight, and ends with 5', async () => {
    const started = documentStaging('offline:latencyMs=60000');
    await started.says('running');
    const askedAt = Date.now();
    started.signal('SIGTERM');
    const { code, stdout } = await started.ended;
    expect(code).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({ state: 'cancelled', done: 0 });
    expect(Date.now() - askedAt).toBeLessThan(30_000);
    const { stdout: list } = await runBursar(up.here, ['runs', 'list']);
    expect(list).toMatch(/cancelled +0\/2[\s\S]*completed with errors +1\/2/);
  });

  test('ends with 0 on SIGTERM, takes its servers along and is not found any more', async () => {
    up.started.signal('SIGTERM');
    const { code, stdout } = await up.started.ended;
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(existsSync(join(up.here, '.bursar/server.json'))).toBe(false);
    await expect(fetch(`${up.urls.apiUrl}/healthz`)).rejects.toThrow();
  });
});

test(
  'up that is killed leaves no process behind, and the next command takes over its data',
  async () => {
    const { started, here, urls } = await upIn('killed');
    const lock = JSON.parse(readFileSync(join(here, '.bursar/bursar.lock'), 'utf8')) as {
      children: { pid: number }[];
    };
    expect(lock.children).toHaveLength(2);
    started.signal('SIGKILL');
    await started.ended;
    for (let look = 0; look < 100 && lock.children.some(({ pid }) => processExists(pid)); look += 1)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(lock.children.filter(({ pid }) => processExists(pid))).toEqual([]);
    await expect(fetch(`${urls.apiUrl}/healthz`)).rejects.toThrow();
    const { code, stdout } = await runBursar(here, ['runs', 'list']);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/^No runs yet/) });
  },
  LIMIT_MS,
);
