import type { ProjectObject } from '../../domain/project.ts';
import { globMatches, hasWildcard, pathGlobMatches } from './select-glob.ts';
import { type Criterion, type Method, wrong } from './select-parse.ts';

/** An object with the names that selection goes by. */
export interface Selectable {
  object: ProjectObject;
  /**
   * dbt's fully qualified name: package, folders below the resource's path, name (and version, or snapshot
   * file).
   */
  fullName: string[];
  /** Of a versioned model, e.g. `v2`. */
  version?: string;
  /** Of a source: the name it is declared under. */
  sourceName?: string;
}

const RESOURCE_TYPES = ['model', 'seed', 'snapshot', 'source'];

/**
 * Whether an object meets a criterion, before graph operators. Throws AppError `invalid_input` for a value
 * of no use.
 */
export function criterionMatcher(criterion: Criterion, field: string): (candidate: Selectable) => boolean {
  const { value, argument } = criterion;
  const matchers: Record<Method, () => (candidate: Selectable) => boolean> = {
    fqn: () => (candidate) => nameMatches(candidate, value),
    tag: () => (candidate) => candidate.object.tags.some((tag) => globMatches(value, tag)),
    path: () => pathMatcher(value),
    file: () => (candidate) => globMatches(value, candidate.object.path.split('/').at(-1) ?? ''),
    package: () => (candidate) => globMatches(value, candidate.object.packageName),
    source: () => sourceMatcher(criterion, field),
    config: () => configMatcher(argument, criterion, field),
    resource_type: () => {
      if (!RESOURCE_TYPES.includes(value)) {
        throw wrong(field, `"${criterion.written}": the resource types are ${RESOURCE_TYPES.join(', ')}`);
      }
      return (candidate) => candidate.object.resourceType === value;
    },
  };
  return matchers[criterion.method]();
}

/** By name, or by the start of the full name with or without its package; sources have no such name. */
function nameMatches(candidate: Selectable, value: string): boolean {
  if (candidate.object.resourceType === 'source') return false;
  const { fullName, object, version } = candidate;
  const names = version === undefined ? [object.name] : versionNames(object.name, version);
  // Beyond dbt: `package.name` means a model wherever it lies in the package, and `stg_*` goes by the name.
  const known = names.flatMap((name) => [name, `${object.packageName}.${name}`]);
  if (known.some((name) => name === value || globMatches(value, name))) return true;
  return startsWithParts(fullName, value) || startsWithParts(fullName.slice(1), value);
}

function versionNames(name: string, version: string): string[] {
  return [name, `${name}.${version}`, `${name}_${version}`];
}

function startsWithParts(fullName: string[], value: string): boolean {
  const parts = fullName.join('.').split('.');
  const wanted = value.split('.');
  if (wanted.length > parts.length) return false;
  const wild = wanted.findIndex(hasWildcard);
  const literal = wild === -1 ? wanted.length : wild;
  if (!wanted.slice(0, literal).every((part, index) => part === parts[index])) return false;
  return wild === -1 || globMatches(wanted.slice(wild).join('.'), parts.slice(wild).join('.'));
}

/** The file, its yml file, or a folder above the file. */
function pathMatcher(value: string): (candidate: Selectable) => boolean {
  const pattern = value
    .replaceAll('\\', '/')
    .replace(/^(\.\/)+/, '')
    .replace(/\/+$/, '');
  return ({ object }) => {
    if (object.patchPath !== undefined && pathGlobMatches(pattern, object.patchPath)) return true;
    const parts = object.path.split('/');
    return parts.some((_, index) => pathGlobMatches(pattern, parts.slice(0, index + 1).join('/')));
  };
}

/** `source`, `source.table` or `package.source.table`. */
function sourceMatcher(criterion: Criterion, field: string): (candidate: Selectable) => boolean {
  const parts = criterion.value.split('.');
  if (parts.length > 3) {
    throw wrong(
      field,
      `"${criterion.written}": write source:NAME, source:NAME.TABLE or source:PACKAGE.NAME.TABLE`,
    );
  }
  const [packageName, source, table] = parts.length === 3 ? parts : ['*', parts[0], parts[1] ?? '*'];
  return ({ object, sourceName }) =>
    sourceName !== undefined &&
    globMatches(packageName ?? '*', object.packageName) &&
    globMatches(source ?? '*', sourceName) &&
    globMatches(table ?? '*', object.name);
}

function configMatcher(
  argument: string,
  criterion: Criterion,
  field: string,
): (candidate: Selectable) => boolean {
  const { value } = criterion;
  if (argument === 'materialized') return ({ object }) => object.materialized === value;
  if (argument === 'tags') return ({ object }) => object.tags.includes(value);
  const known = 'config.materialized:VALUE or config.tags:VALUE';
  throw wrong(field, `"${criterion.written}": of the configuration, write ${known}`);
}

/** Puts the names together that selection goes by, from unique ids and paths. */
export function selectables(objects: ProjectObject[]): Selectable[] {
  const packagesWithModels = new Set(
    objects.filter((object) => object.path.startsWith('models/')).map((object) => object.packageName),
  );
  return objects.map((object) => {
    const version = versionOf(object);
    const folders = foldersBelow(object, packagesWithModels.has(object.packageName));
    const stem = (object.path.split('/').at(-1) ?? '').replace(/\.[^.]*$/, '');
    const file = object.resourceType === 'snapshot' && stem !== object.name ? [stem] : [];
    const fullName = [
      object.packageName,
      ...folders,
      ...file,
      object.name,
      ...(version === undefined ? [] : [version]),
    ];
    if (object.resourceType !== 'source')
      return { object, fullName, ...(version === undefined ? {} : { version }) };
    const id = object.uniqueId.slice(`source.${object.packageName}.`.length);
    return { object, fullName, sourceName: id.slice(0, -object.name.length - 1) };
  });
}

/** A versioned model's unique id ends in its version: `model.shop.orders.v2`. */
function versionOf(object: ProjectObject): string | undefined {
  const start = `model.${object.packageName}.${object.name}.`;
  return object.uniqueId.startsWith(start) ? object.uniqueId.slice(start.length) : undefined;
}

/** The folders below `models/` (or the like): in a dbt project the first folder is the resource's own. */
function foldersBelow(object: ProjectObject, isDbtPackage: boolean): string[] {
  const folders = object.path.split('/').slice(0, -1);
  const own = folders.findIndex((folder) => /^(models|seeds|snapshots)$/.test(folder));
  if (own !== -1) return folders.slice(own + 1);
  return isDbtPackage ? folders.slice(1) : folders;
}
