import { basename, join } from 'node:path';
import type { DbtProject, Resource } from './dbt-project.ts';
import { readDocBlocks } from './doc-blocks.ts';
import { badFile, readText } from './text-file.ts';
import { listFiles } from './walk.ts';
import type { Warnings } from './warnings.ts';
import { parseYmlFile, type YmlFile } from './yml.ts';

const MAX_PROJECT_CHARACTERS = 500_000_000;

/** A file of a project; `route` is its folders below the path of its resource, e.g. `['marts']`. */
export interface ProjectFile {
  path: string;
  route: string[];
}

export interface CodeFile extends ProjectFile {
  text: string;
  resource: Resource;
}

/** All that a folder holds of a project. */
export interface FolderFiles {
  code: CodeFile[];
  seeds: ProjectFile[];
  yml: YmlFile[];
  /** The yml files as written. */
  ymlTexts: { path: string; text: string }[];
  docBlocks: Map<string, string>;
}

/**
 * A yml file of a folder without dbt_project.yml is only read where it looks like one that describes
 * objects.
 */
const DESCRIBES_OBJECTS = /^["']?(models|sources|seeds|snapshots)["']?\s*:/m;

/** dbt's folders for SQL that makes no table, in a folder without dbt_project.yml. */
const NO_MODELS = /^(.*\/)?(macros|tests|analyses|analysis|integration_tests)\//;

const NO_MODEL_CODE = /\{%-?\s*(macro|test|materialization)\s/;

/**
 * Reads the files of a project folder: within the paths of its `dbt_project.yml`, or anywhere where there
 * is none.
 * @throws AppError `invalid_input` naming the file that cannot be read; `too_large` over half a gigabyte of
 * text
 */
export async function readFolderFiles(
  root: string,
  project: DbtProject | undefined,
  warnings: Warnings,
): Promise<FolderFiles> {
  const paths = await listFiles(root, new Set(project === undefined ? [] : [project.targetPath]), warnings);
  const files: FolderFiles = { code: [], seeds: [], yml: [], ymlTexts: [], docBlocks: new Map() };
  let characters = 0;
  for (const path of paths) {
    const text = await readOne(root, path, project, files, warnings);
    characters += text.length;
    if (characters > MAX_PROJECT_CHARACTERS)
      throw badFile(basename(root), 'holds over 500 million characters of text');
  }
  return files;
}

async function readOne(
  root: string,
  path: string,
  project: DbtProject | undefined,
  files: FolderFiles,
  warnings: Warnings,
): Promise<string> {
  const place = placeOf(path, project);
  const extension = /\.(sql|ya?ml|csv|md|py)$/i.exec(path)?.[1]?.toLowerCase();
  if (extension === 'md') return addDocBlocks(files, await readText(join(root, path), path));
  if (place === undefined || extension === undefined) return '';
  const inProject = project !== undefined;
  if (extension === 'sql') {
    return addCode(files, path, place, await readText(join(root, path), path), inProject, warnings);
  }
  if (extension === 'csv') {
    if (place.resource === 'seeds') files.seeds.push({ path, route: place.route });
    return '';
  }
  if (extension === 'py') {
    if (inProject) warnings.add(`${path}: models in Python are read from a manifest only.`);
    return '';
  }
  return addYml(files, path, await readText(join(root, path), path, { keepMark: true }), inProject);
}

/** The resource whose path holds a file, and the folders below that path. */
function placeOf(path: string, project: DbtProject | undefined) {
  const folders = path.split('/').slice(0, -1);
  if (project === undefined) {
    const at = folders.findIndex(
      (folder) => folder === 'models' || folder === 'seeds' || folder === 'snapshots',
    );
    const resource = at === -1 ? 'models' : (folders[at] as Resource);
    return { resource, route: folders.slice(at + 1) };
  }
  for (const resource of ['models', 'seeds', 'snapshots'] as const) {
    for (const base of project.paths[resource]) {
      if (base === '' || base === '.') return { resource, route: folders };
      if (path.startsWith(`${base}/`)) return { resource, route: folders.slice(base.split('/').length) };
    }
  }
  return undefined;
}

function addCode(
  files: FolderFiles,
  path: string,
  place: { resource: Resource; route: string[] },
  text: string,
  inProject: boolean,
  warnings: Warnings,
): string {
  if (!inProject && (NO_MODELS.test(path) || NO_MODEL_CODE.test(text))) return text;
  if (text.trim() === '') warnings.add(`${path} is empty and left out.`);
  else if (place.resource !== 'seeds')
    files.code.push({ path, route: place.route, text, resource: place.resource });
  return text;
}

function addDocBlocks(files: FolderFiles, text: string): string {
  for (const [name, block] of readDocBlocks(text)) files.docBlocks.set(name, block);
  return text;
}

function addYml(files: FolderFiles, path: string, text: string, inProject: boolean): string {
  if (!inProject && !DESCRIBES_OBJECTS.test(text)) return text;
  const file = parseYmlFile(text, path);
  if (file === undefined) return text;
  files.yml.push(file);
  files.ymlTexts.push({ path, text });
  return text;
}
