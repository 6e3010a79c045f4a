import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The key that the keys of providers are encrypted with, made at the first start and kept beside the data,
 * readable by its owner only. Without this file nobody can read them any more.
 */
export function keptEncryptionKey(dataFolder: string): string {
  const path = join(dataFolder, 'encryption-key');
  mkdirSync(dataFolder, { recursive: true });
  try {
    writeFileSync(path, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(path, 'utf8').trim();
}
