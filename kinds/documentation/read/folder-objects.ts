import type { ResourceType } from '../../../domain/project.ts';
import { type DbtProject, type InheritedConfig, inheritedConfig, type Resource } from './dbt-project.ts';
import type { Describe } from './doc-blocks.ts';
import type { CodeFile, FolderFiles, ProjectFile } from './folder-files.ts';
import { type JinjaFacts, readJinja } from './jinja.ts';
import type { Draft } from './project-source.ts';
import { badFile } from './text-file.ts';
import type { Warnings } from './warnings.ts';
import type { YmlNode, YmlSource } from './yml.ts';
import { declaredColumns, testsOf } from './yml-columns.ts';
import { type Described, entriesByName, latestVersion } from './yml-entries.ts';

/** What reading a folder needs to know besides the files. */
export interface FolderContext {
  packageName: string;
  adapterType: string;
  project: DbtProject | undefined;
  describe: Describe;
  warnings: Warnings;
}

/** An object whose parents are not looked up yet. */
export interface Unlinked {
  draft: Draft;
  facts: JinjaFacts;
  /** Of a versioned model. */
  version?: string;
  isLatest?: boolean;
}

const RESOURCE_TYPES: Record<Resource, ResourceType> = {
  models: 'model',
  seeds: 'seed',
  snapshots: 'snapshot',
};
const NO_FACTS: JinjaFacts = { refs: [], sources: [], config: { tags: [] }, hasJinja: false };

/** Models and snapshots: one for each file of code, or for each `{% snapshot %}` block in it. */
export function codeObjects(files: FolderFiles, context: FolderContext): Unlinked[] {
  const entries = entriesByName(files.yml, context.warnings);
  const objects: Unlinked[] = [];
  for (const file of files.code) {
    const blocks = snapshotBlocks(file);
    if (blocks.length === 0) addObject(objects, file, nameOf(file.path), file.text, entries, context);
    for (const block of blocks) {
      addObject(objects, { ...file, resource: 'snapshots' }, block.name, block.text, entries, context);
    }
  }
  return objects;
}

function addObject(
  objects: Unlinked[],
  file: CodeFile,
  stem: string,
  text: string,
  entries: Map<string, Described>,
  context: FolderContext,
): void {
  const facts = readJinja(text);
  const described = entries.get(`${file.resource}/${stem}`);
  const name = described?.entry.name ?? stem;
  const config = mergedConfig(file, file.resource, name, described?.entry, facts.config, context);
  if (config.enabled === false) return;
  const version = described?.version;
  const draft = draftOf(RESOURCE_TYPES[file.resource], name, file, described, config, context);
  draft.rawCode = text;
  if (version === undefined) objects.push({ draft, facts });
  else {
    draft.uniqueId += `.v${version}`;
    objects.push({ draft, facts, version, isLatest: latestVersion(described?.entry) === version });
  }
}

/** Snapshots that a yml file alone defines (`relation: ref('orders')`, dbt 1.9). */
export function ymlSnapshots(files: FolderFiles, known: Set<string>, context: FolderContext): Unlinked[] {
  return files.yml.flatMap((file) =>
    file.snapshots
      .filter((entry) => entry.relation && !known.has(entry.name))
      .map((entry) => {
        const place = { path: file.path, route: [] };
        const config = mergedConfig(place, 'snapshots', entry.name, entry, { tags: [] }, context);
        const draft = draftOf('snapshot', entry.name, place, { entry, path: file.path }, config, context);
        return { draft, facts: readJinja(`{{ ${entry.relation} }}`) };
      }),
  );
}

/** Seeds: one for each csv file; the columns of its first line that no yml names are not declared. */
export function seedObjects(
  files: FolderFiles,
  headers: Map<string, string[]>,
  context: FolderContext,
): Unlinked[] {
  const entries = entriesByName(files.yml, context.warnings);
  return files.seeds.flatMap((file) => {
    const name = nameOf(file.path);
    const described = entries.get(`seeds/${name}`);
    const config = mergedConfig(file, 'seeds', name, described?.entry, { tags: [] }, context);
    if (config.enabled === false) return [];
    const draft = draftOf('seed', name, file, described, config, context);
    const declared = new Set(draft.columns.map((column) => column.name.toLowerCase()));
    for (const column of headers.get(file.path) ?? []) {
      if (declared.has(column.toLowerCase())) continue;
      draft.columns.push({ name: column, description: '', tests: [], declared: false });
    }
    return [{ draft, facts: NO_FACTS }];
  });
}

/** Sources: one for each table that a yml file lists. */
export function sourceObjects(files: FolderFiles, context: FolderContext): Unlinked[] {
  return files.yml.flatMap((file) =>
    file.sources.flatMap((source) =>
      (source.tables ?? []).map((table) => {
        const config = { materialized: 'source', tags: [...(source.tags ?? []), ...(table.tags ?? [])] };
        const place = { path: file.path, route: [] };
        const draft = draftOf(
          'source',
          table.name,
          place,
          { entry: table, path: file.path },
          config,
          context,
        );
        draft.uniqueId = `source.${context.packageName}.${source.name}.${table.name}`;
        delete draft.materialized;
        draft.relation = relationOf(source, table.identifier ?? table.name);
        return { draft, facts: NO_FACTS };
      }),
    ),
  );
}

function relationOf(source: YmlSource, table: string): string {
  // Jinja in a database or schema name cannot be known here; dbt's own default for the schema is the
  // source's name.
  const known = [source.database, source.schema ?? source.name].filter((part) => part && !part.includes('{'));
  return [...known, table].join('.');
}

function draftOf(
  resourceType: ResourceType,
  name: string,
  file: ProjectFile,
  described: Described | undefined,
  config: InheritedConfig,
  context: FolderContext,
): Draft {
  const entry = described?.entry;
  return {
    uniqueId: `${resourceType}.${context.packageName}.${name}`,
    name,
    resourceType,
    packageName: context.packageName,
    path: file.path,
    ...(described === undefined ? {} : { patchPath: described.path }),
    ...(config.materialized === undefined ? {} : { materialized: config.materialized }),
    tags: [...new Set(config.tags)],
    description: context.describe(entry?.description ?? ''),
    columns: declaredColumns(entry, context.describe),
    rawCode: '',
    adapterType: context.adapterType,
    parents: [],
    tests: testsOf(entry),
  };
}

const DEFAULT_MATERIALIZED: Record<Resource, string> = {
  models: 'view',
  seeds: 'seed',
  snapshots: 'snapshot',
};

/** dbt's order: the project's file, then the yml entry, then `config()` in the code itself; tags add up. */
function mergedConfig(
  file: ProjectFile,
  resource: Resource,
  name: string,
  entry: YmlNode | undefined,
  own: JinjaFacts['config'],
  context: FolderContext,
): InheritedConfig {
  const { project } = context;
  const inherited =
    project === undefined ? { tags: [] } : inheritedConfig(project, resource, [...file.route, name]);
  const written = entry?.config;
  const enabled = typeof written?.enabled === 'boolean' ? written.enabled : undefined;
  const fallback = project === undefined ? undefined : DEFAULT_MATERIALIZED[resource];
  const materialized = own.materialized ?? written?.materialized ?? inherited.materialized ?? fallback;
  const isEnabled = own.enabled ?? enabled ?? inherited.enabled;
  return {
    ...(materialized === undefined ? {} : { materialized }),
    ...(isEnabled === undefined ? {} : { enabled: isEnabled }),
    tags: [...inherited.tags, ...(entry?.tags ?? []), ...(written?.tags ?? []), ...own.tags],
  };
}

function snapshotBlocks(file: CodeFile): { name: string; text: string }[] {
  const block = /\{%-?\s*snapshot\s+(\w+)\s*-?%\}([\s\S]*?)\{%-?\s*endsnapshot\s*-?%\}/g;
  return [...file.text.matchAll(block)].map((match) => ({
    name: match[1] ?? '',
    text: (match[2] ?? '').trim(),
  }));
}

function nameOf(path: string): string {
  return (path.split('/').at(-1) ?? path).replace(/\.(sql|csv)$/i, '');
}

/**
 * Refuses two objects of one name, as dbt does: a ref could mean either.
 * @throws AppError `invalid_input` naming both files
 */
export function refuseTwins(objects: Unlinked[]): void {
  const seen = new Map<string, string>();
  for (const { draft, version } of objects) {
    if (draft.resourceType === 'source') continue;
    const key = version === undefined ? draft.name : `${draft.name} version ${version}`;
    const earlier = seen.get(key);
    if (earlier !== undefined) throw badFile(draft.path, `defines ${key}, which ${earlier} defines already`);
    seen.set(key, draft.path);
  }
}
