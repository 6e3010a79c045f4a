import { open, readdir } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type { ProjectSource } from '../../../domain/project.ts';
import { readFolder } from './folder.ts';
import { parseManifest } from './manifest.ts';
import { type CatalogFile, finishProject } from './project-source.ts';
import { readSqlFile } from './sql-file.ts';
import { badFile, fileSystemError, readText, refuseLarge, statPath } from './text-file.ts';
import { createWarnings } from './warnings.ts';

interface ReadOptions {
  /** A dbt `catalog.json`; without it, `target/catalog.json` of a folder is used where there is one. */
  catalogPath?: string;
  /**
   * Names a folder that has no dbt_project.yml; default: the folder's own name. Unique ids are made from it.
   */
  name?: string;
}

/**
 * Reads what is to be documented: a dbt `manifest.json` (schema v1–v12, told by its content, not its name),
 * a dbt project folder, a folder of plain `.sql` and `.yml` files, or one `.sql` file.
 * @throws AppError `invalid_input` naming file, place and what would be right; `too_large` for a file over
 * 200 MB
 */
export async function readProject(path: string, options: ReadOptions = {}): Promise<ProjectSource> {
  const catalog = options.catalogPath === undefined ? undefined : namedCatalog(options.catalogPath);
  const info = await statPath(path, path);
  if (info.isDirectory()) return readFolder(await innerFolder(path), options.name, catalog);
  const shown = basename(path);
  if (!info.isFile()) throw badFile(shown, 'is neither a file nor a folder');
  refuseLarge(info.size, shown);
  if (info.size === 0) throw badFile(shown, 'is empty');
  if (extname(path).toLowerCase() === '.sql') {
    return readSqlFile(path, options.name ?? basename(dirname(resolve(path))), catalog);
  }
  await refuseArchive(path, shown);
  const text = await readText(path, shown);
  if (text.trim() === '') throw badFile(shown, 'is empty');
  if (!/^\s*[{[]/.test(text)) {
    throw badFile(
      shown,
      'is neither a dbt manifest (JSON) nor a .sql file; for .yml files, give their folder',
    );
  }
  return readBareManifest(text, shown, catalog);
}

async function readBareManifest(
  text: string,
  shown: string,
  catalog: CatalogFile | undefined,
): Promise<ProjectSource> {
  const warnings = createWarnings();
  const { projectName, adapterType, version, objects } = parseManifest(text, shown, warnings);
  const source = { name: projectName, adapterType, origin: `manifest v${version}`, objects, ymlFiles: [] };
  return finishProject(source, catalog, warnings);
}

function namedCatalog(path: string): CatalogFile {
  return { path, shown: basename(path), required: true };
}

/** An archive often holds the project as its one folder; then that is what is meant. */
async function innerFolder(path: string): Promise<string> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown) => {
    throw fileSystemError(error, path);
  });
  const seen = entries.filter((entry) => !entry.name.startsWith('.') && entry.name !== '__MACOSX');
  const [only] = seen;
  if (seen.length !== 1 || !only?.isDirectory() || /^(models|seeds|snapshots)$/.test(only.name)) return path;
  return join(path, only.name);
}

async function refuseArchive(path: string, shown: string): Promise<void> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw fileSystemError(error, shown);
  });
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    if (buffer.toString('latin1') === 'PK\u0003\u0004')
      throw badFile(shown, 'is a zip archive; unpack it first');
  } finally {
    await file.close();
  }
}
