import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { ProjectSource } from '../../../domain/project.ts';
import { isRecord } from './artifact.ts';
import { DBT_PROJECT_FILE, type DbtProject, readDbtProject } from './dbt-project.ts';
import { createDescriptions } from './doc-blocks.ts';
import { type FolderFiles, readFolderFiles } from './folder-files.ts';
import {
  codeObjects,
  type FolderContext,
  refuseTwins,
  seedObjects,
  sourceObjects,
  type Unlinked,
  ymlSnapshots,
} from './folder-objects.ts';
import { createLinks } from './links.ts';
import { parseManifest } from './manifest.ts';
import { overlayFiles } from './overlay.ts';
import { type CatalogFile, finishProject } from './project-source.ts';
import { readSeedHeader } from './seed-header.ts';
import { badFile, readText } from './text-file.ts';
import { createWarnings, type Warnings } from './warnings.ts';
import { parseYml } from './yml.ts';

/**
 * Reads a folder: a dbt project with or without `target/manifest.json`, or plain SQL and yml.
 * @param name stands for the folder's name where there is no dbt_project.yml
 */
export async function readFolder(
  folder: string,
  name: string | undefined,
  catalog: CatalogFile | undefined,
): Promise<ProjectSource> {
  const warnings = createWarnings();
  const project = (await exists(join(folder, DBT_PROJECT_FILE))) ? await readDbtProject(folder) : undefined;
  const files = await readFolderFiles(folder, project, warnings);
  const targetPath = project?.targetPath ?? 'target';
  const catalogFile = catalog ?? (await ownCatalog(folder, targetPath));
  const context: FolderContext = {
    packageName: project?.name ?? packageName(name ?? basename(resolve(folder))),
    adapterType: await adapterType(folder),
    project,
    describe: createDescriptions(files.docBlocks, warnings),
    warnings,
  };
  const objects = await readObjects(folder, files, context);
  const manifestPath = `${targetPath}/manifest.json`;
  if (await exists(join(folder, manifestPath))) {
    const json = await readText(join(folder, manifestPath), manifestPath);
    const manifest = parseManifest(json, manifestPath, warnings);
    const merged = overlayFiles(manifest, objects, context, manifestPath);
    const origin = `dbt project folder with manifest v${manifest.version}`;
    const { projectName, adapterType } = manifest;
    const source = { name: projectName, adapterType, origin, objects: merged, ymlFiles: files.ymlTexts };
    return finishProject(source, catalogFile, warnings);
  }
  if (files.code.length === 0) throw noSql(folder, project);
  linkObjects(objects, warnings);
  warnOfStrayEntries(files, objects, warnings);
  const origin = project === undefined ? 'sql files' : 'dbt project folder';
  const drafts = objects.map((object) => object.draft);
  const { packageName: projectName, adapterType: adapter } = context;
  const source = {
    name: projectName,
    adapterType: adapter,
    origin,
    objects: drafts,
    ymlFiles: files.ymlTexts,
  };
  return finishProject(source, catalogFile, warnings);
}

async function readObjects(folder: string, files: FolderFiles, context: FolderContext): Promise<Unlinked[]> {
  const headers = new Map<string, string[]>();
  for (const seed of files.seeds)
    headers.set(seed.path, await readSeedHeader(join(folder, seed.path), seed.path));
  const code = codeObjects(files, context);
  const names = new Set(code.map(({ draft }) => draft.name));
  const objects = [
    ...code,
    ...ymlSnapshots(files, names, context),
    ...seedObjects(files, headers, context),
    ...sourceObjects(files, context),
  ];
  refuseTwins(objects);
  return objects;
}

function linkObjects(objects: Unlinked[], warnings: Warnings): void {
  const links = createLinks(objects, warnings);
  for (const { draft, facts } of objects) draft.parents = links.parentsOf(draft, facts);
}

function warnOfStrayEntries(files: FolderFiles, objects: Unlinked[], warnings: Warnings): void {
  const names = new Set(objects.map(({ draft }) => draft.name));
  for (const file of files.yml) {
    for (const entry of [...file.models, ...file.seeds, ...file.snapshots]) {
      if (!names.has(entry.name))
        warnings.add(`${file.path} describes ${entry.name}, but no file defines it.`);
    }
  }
}

async function ownCatalog(folder: string, targetPath: string): Promise<CatalogFile | undefined> {
  const shown = `${targetPath}/catalog.json`;
  const path = join(folder, shown);
  return (await exists(path)) ? { path, shown, required: false } : undefined;
}

/** The adapter of the first profile in a `profiles.yml` beside the project; `unknown` where there is none. */
async function adapterType(folder: string): Promise<string> {
  const path = join(folder, 'profiles.yml');
  if (!(await exists(path))) return 'unknown';
  const profiles = parseYml(await readText(path, 'profiles.yml'), 'profiles.yml').data;
  for (const profile of Object.values(isRecord(profiles) ? profiles : {})) {
    if (!isRecord(profile) || !isRecord(profile.outputs)) continue;
    const chosen = typeof profile.target === 'string' ? profile.outputs[profile.target] : undefined;
    const output = chosen ?? Object.values(profile.outputs)[0];
    if (isRecord(output) && typeof output.type === 'string') return output.type;
  }
  return 'unknown';
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    (info) => info.isFile(),
    () => false,
  );
}

/** A folder's name as dbt would accept it for a package. */
function packageName(folder: string): string {
  const name = folder.replace(/\W+/g, '_').replace(/^_+|_+$/g, '');
  return name === '' ? 'project' : name;
}

function noSql(folder: string, project: DbtProject | undefined) {
  const where = project === undefined ? '' : ` under its model-paths (${project.paths.models.join(', ')})`;
  return badFile(basename(resolve(folder)), `holds no .sql file${where}, so there is nothing to document`);
}
