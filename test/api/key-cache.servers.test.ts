import { setTimeout as sleep } from 'node:timers/promises';
import { hashKey } from '../../api/auth.ts';
import { createKeyCache, type KeyCache } from '../../api/key-cache.ts';
import { newStore, type OpenedStore, ORG, racing } from '../store/database.ts';

let opened: OpenedStore;
let keys: KeyCache;
let questions = 0;
const nobody = async () => undefined;

beforeEach(async () => {
  opened = await newStore();
  keys = createKeyCache(opened.store.apiKeys, nobody);
  await make('secret');
  opened.connection.set('debug', () => {
    questions += 1;
  });
  questions = 0;
});
afterEach(() => opened.close());

const make = (key: string) =>
  opened.store.apiKeys.ensure({ _id: key, org: ORG, hash: hashKey(key), name: key, role: 'viewer' });
const ownerOf = async (key: string) => (await keys.ownerOf(key))?.id;

test('a key is asked for once a second, however many requests come with it', async () => {
  const owners = await racing(20, () => keys.ownerOf('secret'));
  expect(owners[0]).toEqual({ org: ORG, role: 'viewer', via: 'api_key', id: 'secret' });
  for (let at = 0; at < 20; at += 1) await ownerOf('secret');
  // One more notes the use, once a minute.
  expect(questions).toBe(2);
  await sleep(1000);
  await ownerOf('secret');
  expect(questions).toBe(3);
});

test('a revoked key is refused at once when that is told, and after a second when not', async () => {
  await ownerOf('secret');
  await opened.store.apiKeys.revoke(ORG, 'secret', 'test');
  expect(await ownerOf('secret')).toBe('secret');
  await sleep(1000);
  expect(await ownerOf('secret')).toBeUndefined();
  await make('other');
  await ownerOf('other');
  await opened.store.apiKeys.revoke(ORG, 'other', 'test');
  keys.forget();
  expect(await ownerOf('other')).toBeUndefined();
});

test('a read that was under way at the revocation is not remembered', async () => {
  const before = keys.ownerOf('secret');
  const revoked = opened.store.apiKeys.revoke(ORG, 'secret', 'test').then(() => keys.forget());
  await Promise.all([before, revoked]);
  expect(await ownerOf('secret')).toBeUndefined();
});

test('a key that is not known is not remembered as such, nor is an outage', async () => {
  expect(await ownerOf('new')).toBeUndefined();
  await make('new');
  expect(await ownerOf('new')).toBe('new');
  const client = opened.connection.getClient();
  const { findByHash, touch } = opened.store.apiKeys;
  const failing = createKeyCache({ findByHash, touch }, nobody);
  await client.close();
  await expect(failing.ownerOf('secret')).rejects.toThrow();
  await client.connect();
  expect((await failing.ownerOf('secret'))?.id).toBe('secret');
});
