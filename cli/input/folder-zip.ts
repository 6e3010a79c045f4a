import { createWriteStream } from 'node:fs';
import { mkdtemp, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AppError, invalidInput } from '../../domain/errors.ts';
import { withoutSecrets } from './profiles.ts';

/** A zip on disk that goes away with `remove`. */
export interface TemporaryZip {
  path: string;
  files: number;
  /** No dbt project, only files: it has no name of its own. */
  plain: boolean;
  remove(): Promise<void>;
}

/** What tools made or fetched, never what people wrote. */
const SKIPPED = new Set([
  'node_modules',
  'dbt_packages',
  'dbt_modules',
  'logs',
  'target',
  'venv',
  'env',
  '__pycache__',
]);
/** Out of `target`, only what dbt made for readers. */
export const MANIFEST_IN_FOLDER = 'target/manifest.json';
const ARTIFACTS = [MANIFEST_IN_FOLDER, 'target/catalog.json'];
const TAKEN = new Set(['.sql', '.yml', '.yaml', '.md', '.csv']);
const MAX_FILES = 20_000;
const MAX_DEPTH = 40;
/** Of a larger seed only the header matters, which is its first line. */
const WHOLE_CSV_BYTES = 1024 * 1024;
const MAX_ZIP_BYTES = 200 * 1024 * 1024;

/** The files of a project folder that are worth sending, as relative paths with forward slashes, sorted. */
export async function projectFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  const folders: string[] = [''];
  for (let path = folders.pop(); path !== undefined; path = folders.pop()) {
    const entries = await readdir(join(folder, path), { withFileTypes: true });
    if (path !== '' && entries.some(({ name }) => name === 'pyvenv.cfg')) continue;
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      const child = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory() && !SKIPPED.has(entry.name) && child.split('/').length <= MAX_DEPTH)
        folders.push(child);
      if (entry.isFile() && TAKEN.has(extname(entry.name).toLowerCase())) found.push(child);
    }
    if (found.length > MAX_FILES)
      throw invalidInput(`${folder} holds over ${MAX_FILES} files; name the project's own folder`);
  }
  for (const artifact of ARTIFACTS) if (await isFile(join(folder, artifact))) found.push(artifact);
  return found.sort();
}

/** Zips what a project folder holds. @throws AppError `too_large` over 200 MB */
export async function zipFolder(folder: string): Promise<TemporaryZip> {
  return zip(folder, await projectFiles(folder));
}

/** Zips one file, as the only one of a project. */
export async function zipFile(path: string): Promise<TemporaryZip> {
  return zip(join(path, '..'), [basename(path)]);
}

async function zip(folder: string, paths: string[]): Promise<TemporaryZip> {
  const { ZipFile } = await import('yazl');
  const temporary = await mkdtemp(join(tmpdir(), 'bursar-zip-'));
  const remove = () => rm(temporary, { recursive: true, force: true });
  try {
    const target = join(temporary, 'project.zip');
    const archive = new ZipFile();
    const written = pipeline(
      archive.outputStream as NodeJS.ReadableStream,
      createWriteStream(target, { mode: 0o600 }),
    );
    for (const path of paths) await addFile(archive, folder, path);
    archive.end();
    await written;
    const { size } = await stat(target);
    if (size > MAX_ZIP_BYTES) throw new AppError('too_large', `${folder} has over 200 MB of sources, zipped`);
    const plain = !paths.some((path) => path === MANIFEST_IN_FOLDER || basename(path) === 'dbt_project.yml');
    return { path: target, files: paths.length, plain, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

type Archive = InstanceType<typeof import('yazl').ZipFile>;

async function addFile(archive: Archive, folder: string, path: string): Promise<void> {
  const source = join(folder, path);
  const { size, mtime } = await stat(source);
  if (path === 'profiles.yml' || path.endsWith('/profiles.yml')) {
    const text = withoutSecrets(await readFile(source, 'utf8'));
    archive.addBuffer(Buffer.from(text), path, { mtime });
  } else if (extname(path).toLowerCase() === '.csv' && size > WHOLE_CSV_BYTES) {
    archive.addBuffer(await firstLine(source), path, { mtime });
  } else archive.addFile(source, path);
}

async function firstLine(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(WHOLE_CSV_BYTES), 0, WHOLE_CSV_BYTES, 0);
    const end = buffer.indexOf('\n');
    return buffer.subarray(0, end === -1 ? bytesRead : end + 1);
  } finally {
    await file.close();
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (info) => info.isFile(),
    () => false,
  );
}
