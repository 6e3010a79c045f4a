import { createHash, randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { invalidInput } from '../domain/errors.ts';

/** A file for the folder; the path is relative to it. */
export interface OutFile {
  path: string;
  text: string;
}

/** Lists what Bursar wrote into a folder: only that is ever written over or removed. */
const MARKER = '.bursar-docs.json';
const SHOWN = 5;

interface Marker {
  format: 1;
  /** SHA-256 by path. */
  files: Record<string, string>;
}

/**
 * Refuses early what could not be written at the end: a path that is no folder, or a folder whose
 * `index.md` is not ours or whose pages were changed by hand.
 * @throws AppError `invalid_input`
 */
export function checkOutFolder(folder: string): void {
  const info = statSync(folder, { throwIfNoEntry: false });
  if (info === undefined) return;
  if (!info.isDirectory()) throw invalidInput(`--out ${folder} is not a folder`);
  const marker = readMarker(folder);
  refuseForeign(folder, ['index.md', ...Object.keys(marker.files)], marker);
}

/**
 * Writes the files, and removes those of an earlier time that are no longer among them.
 * @throws AppError `invalid_input` when a file would replace one that Bursar did not write, or that was
 * changed since; nothing is written then
 */
export function writeOutFolder(folder: string, files: OutFile[]): void {
  const marker = readMarker(folder);
  for (const { path } of files) refuseEscape(path);
  refuseForeign(
    folder,
    files.map(({ path }) => path),
    marker,
  );
  const hashes = Object.fromEntries(files.map(({ path, text }) => [path, hashOf(text)]));
  // Both old and new are ours while they are being written: a crash in between must not make them foreign.
  writeMarker(folder, { ...marker.files, ...hashes });
  for (const { path, text } of files) writeWhole(join(folder, path), text);
  for (const path of Object.keys(marker.files)) {
    if (!(path in hashes) && hashOfFile(join(folder, path)) === marker.files[path]) removeFile(folder, path);
  }
  writeMarker(folder, hashes);
}

function refuseForeign(folder: string, paths: string[], marker: Marker): void {
  const foreign = paths.filter((path) => {
    const present = hashOfFile(join(folder, path));
    return present !== undefined && present !== marker.files[path];
  });
  if (foreign.length === 0) return;
  const changed = foreign.every((path) => path in marker.files);
  const shown =
    foreign.slice(0, SHOWN).join(', ') +
    (foreign.length > SHOWN ? `, and ${foreign.length - SHOWN} more` : '');
  const why = changed ? 'was changed by hand since Bursar wrote it' : 'was not written by Bursar';
  throw invalidInput(
    `${folder} already holds ${shown}, which ${why}; nothing is written over. Name another --out folder.`,
    [{ field: '--out', problem: `would replace ${shown}` }],
  );
}

/** Paths come from a project's files, which somebody else may have named. */
function refuseEscape(path: string): void {
  const clean = normalize(path);
  if (isAbsolute(clean) || clean.startsWith('..') || path.includes('\0') || clean === MARKER)
    throw invalidInput(`the page ${JSON.stringify(path)} would lie outside of the --out folder`);
}

function readMarker(folder: string): Marker {
  try {
    const marker = JSON.parse(readFileSync(join(folder, MARKER), 'utf8')) as Marker;
    return marker.format === 1 && typeof marker.files === 'object' ? marker : { format: 1, files: {} };
  } catch {
    return { format: 1, files: {} };
  }
}

function writeMarker(folder: string, files: Record<string, string>): void {
  const marker: Marker = { format: 1, files };
  writeWhole(join(folder, MARKER), `${JSON.stringify(marker, null, 1)}\n`);
}

function writeWhole(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${randomUUID()}`;
  try {
    writeFileSync(draft, text);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

function removeFile(folder: string, path: string): void {
  rmSync(join(folder, path), { force: true });
  for (let parent = dirname(path); parent !== '.'; parent = dirname(parent)) {
    if (existsSync(join(folder, parent)) && readdirSync(join(folder, parent)).length > 0) return;
    rmdirSync(join(folder, parent));
  }
}

function hashOfFile(path: string): string | undefined {
  try {
    return hashOf(readFileSync(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EISDIR') return 'a folder';
    return undefined;
  }
}

function hashOf(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
