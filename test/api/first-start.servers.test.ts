import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashKey } from '../../api/auth.ts';
import { firstStart } from '../../api/first-start.ts';
import { createClient, startBursar } from '../support/bursar.ts';
import { type OpenStore, openStore } from './second-organization.ts';

const organization = 'default';
const PRESET = 'preset-key-0123456789';
let database = 0;
const open: OpenStore[] = [];

/** A database of its own, as before the first start. */
async function newDatabase(): Promise<OpenStore> {
  const url = new URL(process.env.BURSAR_TEST_MONGODB ?? '');
  url.pathname = `/first_start_${process.pid}_${Date.now()}_${database++}`;
  const opened = await openStore({ environment: { MONGODB_URI: url.toString() } as never });
  open.push(opened);
  await opened.store.apiKeys.model.createIndexes();
  return opened;
}
afterAll(async () => {
  await Promise.all(open.map((each) => each.close()));
});

const keyFileIn = (...path: string[]) => join(mkdtempSync(join(tmpdir(), 'bursar-key-')), ...path);
const keysOf = ({ store }: OpenStore) => store.apiKeys.list('default');
const roleOf = async ({ store }: OpenStore, key: string) =>
  (await store.apiKeys.findByHash(hashKey(key)))?.role;

describe('the first start', () => {
  test('makes an admin key and keeps it in a file that only its owner can read', async () => {
    const opened = await newDatabase();
    const keyFile = keyFileIn('not', 'there', 'yet', 'admin-key');
    const key = await firstStart(opened.store, { organization, presetKey: undefined, keyFile });
    expect(key).toMatch(/^bursar_[\w-]{32}$/);
    expect(readFileSync(keyFile, 'utf8')).toBe(`${key}\n`);
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    expect(await roleOf(opened, key ?? '')).toBe('admin');
  });

  test('happens once: the second start makes no second key, with a file or without', async () => {
    for (const keyFile of [keyFileIn('key'), undefined]) {
      const opened = await newDatabase();
      expect(await firstStart(opened.store, { organization, presetKey: undefined, keyFile })).toBeDefined();
      expect(await firstStart(opened.store, { organization, presetKey: undefined, keyFile })).toBeUndefined();
      expect(await keysOf(opened)).toHaveLength(1);
    }
  });

  test('of several processes at once makes one key', async () => {
    const opened = await newDatabase();
    const starts = Array.from({ length: 8 }, () =>
      firstStart(opened.store, { organization, presetKey: undefined, keyFile: undefined }),
    );
    const keys = (await Promise.all(starts)).filter((key) => key !== undefined);
    expect(keys).toHaveLength(1);
    expect(await keysOf(opened)).toHaveLength(1);
    expect(await roleOf(opened, keys[0] ?? '')).toBe('admin');
  });

  test('makes the key of an old file valid again where the database is lost', async () => {
    const keyFile = keyFileIn('key');
    const key = await firstStart((await newDatabase()).store, {
      organization,
      presetKey: undefined,
      keyFile,
    });
    const lost = await newDatabase();
    expect(await firstStart(lost.store, { organization, presetKey: undefined, keyFile })).toBeUndefined();
    expect(readFileSync(keyFile, 'utf8').trim()).toBe(key);
    expect(await roleOf(lost, key ?? '')).toBe('admin');
    expect(await keysOf(lost)).toHaveLength(1);
  });

  test('makes a new key for a file that is lost, empty, or holds a revoked key', async () => {
    const opened = await newDatabase();
    const keyFile = keyFileIn('key');
    const first = (await firstStart(opened.store, { organization, presetKey: undefined, keyFile })) ?? '';
    const stored = await opened.store.apiKeys.findByHash(hashKey(first));
    await opened.store.apiKeys.revoke('default', stored?._id ?? '', 'test');
    const second = (await firstStart(opened.store, { organization, presetKey: undefined, keyFile })) ?? '';
    writeFileSync(keyFile, '\n');
    const third = (await firstStart(opened.store, { organization, presetKey: undefined, keyFile })) ?? '';
    expect(new Set([first, second, third]).size).toBe(3);
    expect(readFileSync(keyFile, 'utf8').trim()).toBe(third);
    expect([await roleOf(opened, first), await roleOf(opened, third)]).toEqual([undefined, 'admin']);
  });

  test('takes a preset key as it is, keeps it in the file, and shows nothing', async () => {
    const opened = await newDatabase();
    const keyFile = keyFileIn('key');
    for (const _start of [1, 2])
      expect(await firstStart(opened.store, { organization, presetKey: PRESET, keyFile })).toBeUndefined();
    expect(readFileSync(keyFile, 'utf8').trim()).toBe(PRESET);
    expect(await roleOf(opened, PRESET)).toBe('admin');
    expect(await keysOf(opened)).toHaveLength(1);
    const [key] = await keysOf(opened);
    expect(JSON.stringify(key)).not.toContain(PRESET);
  });

  test('of the program prints the key once, and the file lets people in', async () => {
    const keyFile = keyFileIn('key');
    const bursar = await startBursar({
      workers: 0,
      environment: { BURSAR_ADMIN_KEY: '', BURSAR_KEY_FILE: keyFile },
    });
    const again = await bursar.startApi();
    try {
      expect(existsSync(keyFile)).toBe(true);
      const key = readFileSync(keyFile, 'utf8').trim();
      expect(bursar.apis[0]?.ready).toMatchObject({ ready: true, adminKey: key });
      expect(again.ready).not.toHaveProperty('adminKey');
      const status = await createClient(String(again.ready.url), key).get('/status');
      expect(status).toMatchObject({ organization: 'default', role: 'admin' });
    } finally {
      await again.kill();
      await bursar.stop();
    }
  });
});
