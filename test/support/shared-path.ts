import { existsSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = process.env.BURSAR_SHARED_DATA ?? join(import.meta.dirname, '../../../shared/data');

/** Absolute path of a real input, or undefined where the folder is absent (a user's machine has none). */
export function sharedData(relative: string): string | undefined {
  const path = join(FOLDER, relative);
  return existsSync(path) ? path : undefined;
}
