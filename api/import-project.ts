import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { AppError, invalidInput } from '../domain/errors.ts';
import type { Project, ProjectSource } from '../domain/project.ts';
import { readProject } from '../kinds/documentation/read/project.ts';
import { extractZip } from '../kinds/documentation/read/unzip.ts';
import type { ApiDeps } from './deps.ts';
import type { Upload } from './upload.ts';

const NAME_LIMIT = 200;
const WARNINGS_LIMIT = 100;

/** Reads what was uploaded: a manifest with or without its catalog, or a zip of a project's files. */
export async function readUpload(upload: Upload, folder: string): Promise<ProjectSource> {
  const manifest = upload.files.get('manifest');
  const archive = upload.files.get('archive');
  const catalogPath = upload.files.get('catalog');
  if ((manifest === undefined) === (archive === undefined))
    throw invalidInput('send either the part manifest or the part archive', [
      { field: 'manifest', problem: archive === undefined ? 'is missing' : 'came together with archive' },
    ]);
  const name = upload.texts.get('name')?.trim();
  if (name !== undefined && (name === '' || name.length > NAME_LIMIT))
    throw invalidInput(`name must have 1 to ${NAME_LIMIT} characters`, [
      { field: 'name', problem: `has ${name.length} characters` },
    ]);
  const options = {
    ...(catalogPath === undefined ? {} : { catalogPath }),
    ...(name === undefined ? {} : { name }),
  };
  const path = manifest ?? (await unpack(archive ?? '', folder));
  const source = await readProject(path, options);
  return name === undefined ? source : { ...source, name };
}

async function unpack(archive: string, folder: string): Promise<string> {
  const target = join(folder, 'project');
  await extractZip(archive, target);
  return target;
}

/**
 * Stores what was read as the next revision of the project of its name. Nothing of it is seen before all of
 * it is stored; the same content again changes nothing.
 */
export async function importProject(
  deps: ApiDeps,
  org: string,
  source: ProjectSource,
  glossary: string | undefined,
): Promise<{ project: Project; changed: boolean }> {
  const { projects, objects, runs } = deps.store;
  const contentHash = hashOf(source, glossary);
  const known = await projects.findByName(org, source.name);
  if (known?.contentHash === contentHash) return { project: known, changed: false };
  const { id, revision } = await projects.takeRevision(
    org,
    source.name,
    `prj_${randomBytes(8).toString('hex')}`,
  );
  await objects.insertRevision({ org, project: id, revision }, source.objects, source.ymlFiles, glossary);
  await projects.publish(org, {
    id,
    revision,
    contentHash,
    name: source.name,
    adapterType: source.adapterType,
    origin: source.origin,
    objectCount: source.objects.length,
    modelCount: source.objects.filter((object) => object.resourceType === 'model').length,
    warnings: source.warnings.slice(0, WARNINGS_LIMIT),
    ...(glossary === undefined ? {} : { glossary }),
  });
  const project = await projects.find(org, id);
  if (project === undefined) throw new AppError('unexpected', 'the project is gone that was just stored');
  const inUse = await runs.revisionsInUse(org, id);
  // The one before stays too: a run may just be about to be stored with it.
  const keep = [known?.revision ?? 0, ...inUse];
  await objects.dropRevisionsBefore({ org, project: id, revision: project.revision }, keep);
  return { project, changed: true };
}

function hashOf(source: ProjectSource, glossary: string | undefined): string {
  const hash = createHash('sha256').update(JSON.stringify([source.origin, glossary ?? null]));
  for (const object of source.objects) hash.update(JSON.stringify(object));
  for (const file of source.ymlFiles) hash.update(JSON.stringify([file.path, file.text]));
  return hash.digest('hex');
}
