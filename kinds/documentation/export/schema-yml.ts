import { groupBy } from '../../../domain/group-by.ts';
import type { DocumentedObject, ProjectObject } from '../../../domain/project.ts';
import type { Skipped } from './yml-entry.ts';
import { patchYml, type ReadYml, readYml, type YmlFile } from './yml-file.ts';
import { newYmlFiles } from './yml-new-file.ts';
import { versionOf } from './yml-versions.ts';

interface SchemaYmlPatch {
  /**
   * Every file that was given, in that order, then the new ones; `added` counts descriptions, 0 = unchanged.
   */
  files: { path: string; text: string; added: number }[];
  /** Descriptions that people wrote where a generated one was at hand. */
  kept: number;
  /**
   * What could not be placed safely, by unique id of the object (and the column), with the reason for people.
   */
  skipped: Skipped[];
}

/**
 * Adds generated descriptions of models and columns to a project's yml files, where people wrote none.
 * Everything else stays as it is to the byte; models that no yml mentions go to a new `_bursar_models.yml`
 * beside their SQL. `allObjects` are all of the project: they tell where else a model is described and which
 * versions it has.
 */
export function patchSchemaYml(
  files: YmlFile[],
  documented: DocumentedObject[],
  allObjects: ProjectObject[],
): SchemaYmlPatch {
  const result: SchemaYmlPatch = { files: [], kept: 0, skipped: [] };
  const models = documented.filter((each) => isPatchable(each, result.skipped));
  const reads = files.map(readYml);
  const home = homes(reads, models);
  const versions = groupBy(allObjects, versionGroup);
  const hasEverywhere = (each: DocumentedObject, column: string) =>
    (versions.get(versionGroup(each.object)) ?? [each.object]).every((object) => hasColumn(object, column));
  for (const read of reads) {
    const members = groupBy(home.get(read) ?? [], (each) => each.object.name);
    const patched = patchYml(read, (name) => takeOnce(members, name), hasEverywhere);
    result.files.push({ path: read.file.path, text: patched.text, added: patched.added });
    result.kept += patched.kept;
    result.skipped.push(...patched.skipped);
  }
  const homeless = withoutYml(reads, models, result.skipped);
  const known = allObjects.flatMap((object) =>
    object.patchPath === undefined ? [] : [pathOf(object.patchPath)],
  );
  const created = newYmlFiles(homeless, [...files.map((file) => file.path), ...known]);
  result.files.push(...created.files);
  result.kept += created.kept;
  result.skipped.push(...created.skipped);
  return result;
}

function isPatchable({ object, state }: DocumentedObject, skipped: Skipped[]): boolean {
  if (object.resourceType !== 'model') {
    skipped.push({
      object: object.uniqueId,
      reason: `only models are described in yml, this is a ${object.resourceType}`,
    });
  } else if (state === 'rejected' || state === 'superseded') {
    skipped.push({ object: object.uniqueId, reason: `its document is ${state}` });
  } else return true;
  return false;
}

/**
 * The file that describes each model: the one the project names if it mentions the model, else the first that
 * does.
 */
function homes(reads: ReadYml[], models: DocumentedObject[]): Map<ReadYml, DocumentedObject[]> {
  const paths = new Map(reads.map((read) => [pathOf(read.file.path), read]));
  const mentions = groupBy(
    reads.flatMap((read) => read.models.map(({ name }) => ({ name, read }))),
    (mention) => mention.name,
  );
  const readsOf = (each: DocumentedObject) => (mentions.get(each.object.name) ?? []).map(({ read }) => read);
  const found = new Map<ReadYml, DocumentedObject[]>(reads.map((read) => [read, []]));
  const named = new Map<ReadYml, Set<string>>(reads.map((read) => [read, new Set()]));
  const others: DocumentedObject[] = [];
  for (const each of models) {
    const path = each.object.patchPath;
    const read = path === undefined ? undefined : paths.get(pathOf(path));
    if (read === undefined) others.push(each);
    else if (readsOf(each).includes(read)) {
      found.get(read)?.push(each);
      named.get(read)?.add(each.object.name);
    }
  }
  for (const each of others) {
    const home = readsOf(each).find((read) => !named.get(read)?.has(each.object.name));
    if (home !== undefined) found.get(home)?.push(each);
  }
  return found;
}

/** A model that one file lists twice is patched in the first place only. */
function takeOnce(members: Map<string, DocumentedObject[]>, name: string): DocumentedObject[] {
  const documents = members.get(name) ?? [];
  members.delete(name);
  return documents;
}

/**
 * Models that no yml mentions; one that a yml may mention that cannot be read, or is not at hand, is skipped.
 */
function withoutYml(reads: ReadYml[], models: DocumentedObject[], skipped: Skipped[]): DocumentedObject[] {
  const mentioned = new Set(reads.flatMap((read) => read.models.map(({ name }) => name)));
  const unreadable = reads.filter((read) => read.unreadable !== undefined);
  const paths = new Set(reads.map((read) => pathOf(read.file.path)));
  const words = unreadable.map((read) => ({
    read,
    words: new Set(read.file.text.match(/[\p{L}\p{N}_]+/gu)),
  }));
  const names = groupBy(models, (each) => each.object.name);
  return models.filter((each) => {
    const { name, uniqueId, patchPath } = each.object;
    const failed = words.find(
      (entry) => entry.words.has(name) || isPatchPath(each.object, entry.read.file.path),
    );
    let reason: string | undefined;
    if (failed !== undefined) reason = `${failed.read.file.path}: ${failed.read.unreadable}`;
    else if (mentioned.has(name)) return false;
    else if (patchPath !== undefined && !paths.has(pathOf(patchPath))) {
      reason = `it is described in ${pathOf(patchPath)}, which is not at hand`;
    } else if ((names.get(name)?.length ?? 0) > 1)
      reason = 'several models have this name, and no yml mentions it';
    if (reason !== undefined) skipped.push({ object: uniqueId, reason });
    return reason === undefined;
  });
}

function isPatchPath(object: ProjectObject, path: string): boolean {
  return object.patchPath !== undefined && pathOf(object.patchPath) === pathOf(path);
}

/**
 * A path as the project's files have it: dbt writes `package://models/schema.yml`, on Windows with
 * backslashes.
 */
function pathOf(path: string): string {
  return path
    .replace(/^[^:/\\]+:\/\//, '')
    .replaceAll('\\', '/')
    .replace(/^\.\//, '');
}

/** All versions of a model, by what their unique ids have in common. */
function versionGroup(object: ProjectObject): string {
  return versionOf({ object }) === undefined
    ? object.uniqueId
    : object.uniqueId.split('.').slice(0, -1).join('.');
}

function hasColumn(object: ProjectObject, column: string): boolean {
  return object.columns.some(({ name }) => name.toLowerCase() === column.toLowerCase());
}
