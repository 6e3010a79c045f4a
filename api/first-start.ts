import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Store } from '../store/index.ts';
import { hashKey, newKey } from './auth.ts';

/** Where the first key belongs. */
interface First {
  store: Store;
  organization: string;
}

/** What is shorter is no key that anybody should be let in with. */
const SHORTEST_KEY = 16;

/**
 * Makes the organization `default` and its admin key where they are missing. A preset key is taken as it is;
 * a key that is made here goes to `keyFile` (readable by its owner only). Several processes may start at the
 * same time.
 * @returns the key where it was made just now, to be shown once.
 */
export async function firstStart(
  store: Store,
  options: { organization: string; presetKey: string | undefined; keyFile: string | undefined },
): Promise<string | undefined> {
  const { organization, presetKey, keyFile } = options;
  const first = { store, organization };
  await store.organizations.ensure(organization, organization === 'default' ? 'Default' : organization);
  if (presetKey !== undefined) {
    await makeValid(first, presetKey, 'admin key preset by BURSAR_ADMIN_KEY');
    if (keyFile !== undefined) replaceKeyFile(keyFile, presetKey);
    return undefined;
  }
  return keyFile === undefined ? firstKey(first) : keyOfFile(first, keyFile);
}

/** Without a file the key is only shown, so it is made where the organization has none. */
async function firstKey({ store, organization }: First): Promise<string | undefined> {
  // Counted first, this gives all processes that then find no key the same id, and one of them comes through.
  const _id = `key_admin_${await store.apiKeys.countEver(organization)}`;
  if ((await store.apiKeys.countOf(organization)) > 0) return undefined;
  const key = newKey();
  return (await store.apiKeys.insert({ _id, ...adminKey(organization, key, 'admin key of the first start') }))
    ? key
    : undefined;
}

/**
 * The file decides: its key is made valid where the database does not know it (the database may be new), and
 * only a missing file, or one without a usable key, brings a new one.
 */
async function keyOfFile(first: First, keyFile: string): Promise<string | undefined> {
  const name = 'admin key of the first start';
  const kept = existsSync(keyFile) ? readFileSync(keyFile, 'utf8').trim() : undefined;
  if (kept !== undefined && kept.length >= SHORTEST_KEY && (await makeValid(first, kept, name)))
    return undefined;
  const key = newKey();
  // First the file: a key that is stored and that nobody knows would lock everybody out.
  if (kept !== undefined) replaceKeyFile(keyFile, key);
  else if (!createKeyFile(keyFile, key)) return keyOfFile(first, keyFile);
  await makeValid(first, key, name);
  return key;
}

/** Stores a key unless it is there. Resolves to false where it is there and revoked. */
async function makeValid({ store, organization }: First, key: string, name: string): Promise<boolean> {
  await store.apiKeys.ensure({
    _id: `key_${randomBytes(8).toString('hex')}`,
    ...adminKey(organization, key, name),
  });
  return (await store.apiKeys.findByHash(hashKey(key))) !== null;
}

function adminKey(org: string, key: string, name: string) {
  return { org, hash: hashKey(key), name, role: 'admin' } as const;
}

/** Writes the whole file at once. Returns false where another process was faster. */
function createKeyFile(path: string, key: string): boolean {
  const written = writeBeside(path, key);
  try {
    linkSync(written, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(written);
  }
}

function replaceKeyFile(path: string, key: string): void {
  renameSync(writeBeside(path, key), path);
}

function writeBeside(path: string, key: string): string {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(temporary, `${key}\n`, { mode: 0o600 });
  chmodSync(temporary, 0o600);
  return temporary;
}
