import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Store } from '../store/index.ts';
import { hashKey, newKey } from './auth.ts';

const DEFAULT_ORGANIZATION = 'default';

/**
 * Makes the organization `default` and its admin key where they are missing. A preset key is taken as it is;
 * a key that is made here goes to `keyFile` (readable by its owner only).
 * @returns the key where it was made just now, to be shown once.
 */
export async function firstStart(
  store: Store,
  options: { presetKey: string | undefined; keyFile: string | undefined },
): Promise<string | undefined> {
  await store.organizations.ensure(DEFAULT_ORGANIZATION, 'Default');
  const { presetKey, keyFile } = options;
  if (presetKey !== undefined) {
    await storeAdminKey(store, presetKey, 'admin key preset by BURSAR_ADMIN_KEY');
    if (keyFile !== undefined) writeKeyFile(keyFile, presetKey);
    return undefined;
  }
  // The file may be older than the database (or the database new): then its key is made valid instead of a
  // second one.
  const kept = keyFile !== undefined && existsSync(keyFile) ? readFileSync(keyFile, 'utf8').trim() : '';
  if (kept !== '' && (await store.apiKeys.findByHash(hashKey(kept))) !== null) return undefined;
  if ((await store.apiKeys.countOf(DEFAULT_ORGANIZATION)) > 0 && keyFile === undefined) return undefined;
  const key = newKey();
  // First the file: a key that is stored and that nobody knows would lock everybody out.
  if (keyFile !== undefined) writeKeyFile(keyFile, key);
  await storeAdminKey(store, key, 'admin key of the first start');
  return key;
}

async function storeAdminKey(store: Store, key: string, name: string): Promise<void> {
  const _id = `key_${randomBytes(8).toString('hex')}`;
  await store.apiKeys.ensure({ _id, org: DEFAULT_ORGANIZATION, hash: hashKey(key), name, role: 'admin' });
}

function writeKeyFile(path: string, key: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, `${key}\n`, { mode: 0o600 });
  chmodSync(temporary, 0o600);
  renameSync(temporary, path);
}
