import { createHash } from 'node:crypto';
import type { Column, ResourceType } from '../../../domain/project.ts';
import { artifactOf, isRecord } from './artifact.ts';
import { parseJson } from './json.ts';
import { type ManifestNode, parseNodes } from './manifest-shape.ts';
import { attachTests } from './manifest-tests.ts';
import type { Draft } from './project-source.ts';
import { badFile } from './text-file.ts';
import type { Warnings } from './warnings.ts';

const OLDEST_VERSION = 1;
const NEWEST_VERSION = 12;
const MAX_OBJECTS = 100_000;
const MAX_NAME_LENGTH = 250;

/** A manifest as read: what a project folder needs besides the objects is kept apart from them. */
export interface Manifest {
  /** The root project; its files are those of the folder that holds the manifest's `target/`. */
  projectName: string;
  adapterType: string;
  version: number;
  objects: Draft[];
  /** Paths of files that dbt read and left out, e.g. `models/old.sql`. */
  disabledPaths: Set<string>;
}

/**
 * Reads a dbt manifest of schema v1 to v12.
 * @throws AppError `invalid_input` where it is another file of dbt's, of another version, malformed, or
 * without models
 */
export function parseManifest(json: string, shown: string, warnings: Warnings): Manifest {
  const { kind, version, content } = artifactOf(parseJson(json, shown), shown);
  if (kind !== 'manifest') {
    const hint = kind === 'catalog' ? '; give the manifest first, and the catalog as --catalog' : '';
    throw badFile(shown, `is a dbt ${kind}, not a manifest${hint}`);
  }
  if (version < OLDEST_VERSION || version > NEWEST_VERSION) {
    const supported = `v${OLDEST_VERSION} to v${NEWEST_VERSION}`;
    throw badFile(shown, `is a dbt manifest of schema v${version}; the supported versions are ${supported}`);
  }
  const nodes = parseNodes(content, shown);
  const firstModel = nodes.objects.find((node) => node.resource_type === 'model');
  if (firstModel === undefined) {
    const others = nodes.objects.length;
    throw badFile(
      shown,
      `holds no model (${others} seeds, snapshots and sources), so there is nothing to document`,
    );
  }
  if (nodes.objects.length > MAX_OBJECTS) throw badFile(shown, `holds over ${MAX_OBJECTS} objects`);
  const adapterType = textOf(content.metadata, 'adapter_type') ?? 'unknown';
  const objects = nodes.objects.map((node) => toDraft(node, adapterType, shown));
  refuseTwins(objects, shown);
  keepKnownParents(objects, warnings);
  attachTests(nodes.tests, objects);
  return {
    projectName: projectName(content.metadata, nodes.objects, firstModel),
    adapterType,
    version,
    objects,
    disabledPaths: disabledPaths(content.disabled),
  };
}

function toDraft(node: ManifestNode, adapterType: string, shown: string): Draft {
  const resourceType = node.resource_type as ResourceType;
  const isSource = resourceType === 'source';
  if (!isSource) refuseName(node, shown);
  const path = safePath(node.original_file_path ?? node.path ?? '', node, shown);
  // Before v2 there was no `package://` before the path.
  const patch = isSource ? path : (node.patch_path ?? '').replace(/^[^:/]*:\/\//, '');
  const materialized = node.config?.materialized ?? undefined;
  const compiled = node.compiled_code ?? node.compiled_sql ?? undefined;
  const relation = materialized === 'ephemeral' ? undefined : relationOf(node);
  return {
    uniqueId: node.unique_id,
    name: node.name,
    resourceType,
    packageName: node.package_name,
    path,
    ...(patch === '' ? {} : { patchPath: safePath(patch, node, shown) }),
    ...(relation === undefined ? {} : { relation }),
    ...(materialized === undefined ? {} : { materialized }),
    tags: [...new Set([...(node.tags ?? []), ...(node.config?.tags ?? [])])],
    description: node.description ?? '',
    columns: Object.values(node.columns ?? {}).map(toColumn),
    rawCode: isSource ? '' : (node.raw_code ?? node.raw_sql ?? ''),
    ...(compiled === undefined || compiled === '' ? {} : { compiledCode: compiled }),
    adapterType,
    parents: [...new Set(node.depends_on?.nodes ?? [])],
    tests: [],
  };
}

function toColumn(column: NonNullable<ManifestNode['columns']>[string]): Column {
  const type = column.data_type;
  return {
    name: column.name,
    ...(type ? { type } : {}),
    description: column.description ?? '',
    tests: [],
    declared: true,
  };
}

function relationOf(node: ManifestNode): string | undefined {
  if (!node.schema) return undefined;
  const name = node.identifier || node.alias || node.name;
  return [node.database, node.schema, name].filter((part) => part).join('.');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused.
const NO_NAME = /[/\\\u0000-\u001f]|^\.+$/;

/** Names become file names of the export, so they may not lead anywhere. */
function refuseName(node: ManifestNode, shown: string): void {
  if (!NO_NAME.test(node.name) && node.name.length <= MAX_NAME_LENGTH) return;
  const name = JSON.stringify(node.name.slice(0, 100));
  throw badFile(shown, `nodes.${node.unique_id}.name: ${name} is no name for a ${node.resource_type}`);
}

/** A path inside the project, with forward slashes (manifests from Windows have backslashes). */
function safePath(path: string, node: ManifestNode, shown: string): string {
  const forward = path.replaceAll('\\', '/');
  if (!/^\/|^[a-zA-Z]:|\0/.test(forward) && !forward.split('/').includes('..')) return forward;
  throw badFile(
    shown,
    `${node.unique_id}: the path ${JSON.stringify(path.slice(0, 200))} leads out of the project`,
  );
}

function refuseTwins(objects: Draft[], shown: string): void {
  const seen = new Set<string>();
  for (const { uniqueId } of objects) {
    if (seen.has(uniqueId)) throw badFile(shown, `two nodes have the unique id ${uniqueId}`);
    seen.add(uniqueId);
  }
}

/** Parents can be of other kinds (macros, exposures), and one that should be there can be missing. */
function keepKnownParents(objects: Draft[], warnings: Warnings): void {
  const known = new Set(objects.map((object) => object.uniqueId));
  for (const object of objects) {
    for (const parent of object.parents) {
      if (known.has(parent) || !/^(model|seed|snapshot|source)\./.test(parent)) continue;
      warnings.add(`${object.uniqueId} depends on ${parent}, which the manifest does not hold.`);
    }
    object.parents = object.parents.filter((parent) => known.has(parent));
  }
}

/** By name from v10 on; before that the metadata holds the MD5 of the root project's name. */
function projectName(metadata: unknown, nodes: ManifestNode[], firstModel: ManifestNode): string {
  const name = textOf(metadata, 'project_name');
  if (name !== undefined) return name;
  const id = textOf(metadata, 'project_id');
  const packages = new Set(nodes.map((node) => node.package_name));
  const root = [...packages].find((candidate) => createHash('md5').update(candidate).digest('hex') === id);
  return root ?? firstModel.package_name;
}

/** `disabled` is a list of nodes up to v3, and lists of nodes by unique id from v4. */
function disabledPaths(disabled: unknown): Set<string> {
  if (typeof disabled !== 'object' || disabled === null) return new Set();
  const paths = Object.values(disabled)
    .flat()
    .map((node: unknown) => textOf(node, 'original_file_path')?.replaceAll('\\', '/'));
  return new Set(paths.filter((path) => path !== undefined));
}

function textOf(value: unknown, key: string): string | undefined {
  const found = isRecord(value) ? value[key] : undefined;
  return typeof found === 'string' && found !== '' ? found : undefined;
}
