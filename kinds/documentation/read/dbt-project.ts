import { join } from 'node:path';
import { z } from 'zod';
import { isRecord } from './artifact.ts';
import { badFile, readText } from './text-file.ts';
import { firstProblem, parseYml } from './yml.ts';

export const DBT_PROJECT_FILE = 'dbt_project.yml';

export type Resource = 'models' | 'seeds' | 'snapshots';

/** What `dbt_project.yml` says, with dbt's defaults where it says nothing. */
export interface DbtProject {
  name: string;
  paths: Record<Resource, string[]>;
  /** Where dbt writes its artifacts, relative to the project. */
  targetPath: string;
  /** The `models:`, `seeds:` and `snapshots:` trees of settings by package and folder. */
  settings: Record<Resource, unknown>;
}

/** Settings that an object inherits from the project's file. */
export interface InheritedConfig {
  materialized?: string;
  enabled?: boolean;
  tags: string[];
}

const paths = z.array(z.string()).nullish();
const projectFile = z.object({
  name: z.string().regex(/^\w+$/, 'expected letters, digits and underscores'),
  'model-paths': paths,
  'source-paths': paths,
  'seed-paths': paths,
  'data-paths': paths,
  'snapshot-paths': paths,
  'target-path': z.string().nullish(),
  models: z.unknown().optional(),
  seeds: z.unknown().optional(),
  snapshots: z.unknown().optional(),
});

/**
 * Reads a project's `dbt_project.yml`; before dbt 1.0, `model-paths` were called `source-paths` and
 * `seed-paths` `data-paths`.
 * @throws AppError `invalid_input` naming file and field
 */
export async function readDbtProject(root: string): Promise<DbtProject> {
  const { data } = parseYml(await readText(join(root, DBT_PROJECT_FILE), DBT_PROJECT_FILE), DBT_PROJECT_FILE);
  if (!isRecord(data))
    throw badFile(DBT_PROJECT_FILE, 'is empty; it must at least give the name of the project');
  const parsed = projectFile.safeParse(data);
  if (!parsed.success) throw badFile(DBT_PROJECT_FILE, firstProblem(parsed.error));
  const file = parsed.data;
  return {
    name: file.name,
    paths: {
      models: inside(file['model-paths'] ?? file['source-paths'] ?? ['models'], 'model-paths'),
      seeds: inside(file['seed-paths'] ?? file['data-paths'] ?? ['seeds'], 'seed-paths'),
      snapshots: inside(file['snapshot-paths'] ?? ['snapshots'], 'snapshot-paths'),
    },
    targetPath: inside([file['target-path'] ?? 'target'], 'target-path').join('/'),
    settings: { models: file.models, seeds: file.seeds, snapshots: file.snapshots },
  };
}

function inside(list: string[], field: string): string[] {
  return list.map((path) => {
    const clean = path
      .replaceAll('\\', '/')
      .replace(/^(\.\/)+/, '')
      .replace(/\/+$/, '');
    if (/^\/|^[a-zA-Z]:/.test(clean) || clean.split('/').includes('..')) {
      throw badFile(DBT_PROJECT_FILE, `${field}: "${path}" leads out of the project`);
    }
    return clean;
  });
}

/**
 * The settings for an object: those of the project, then of its package, then of each folder, then its own;
 * the most particular one wins and tags add up.
 * @param route the folders below the resource's path, and the object's name
 */
export function inheritedConfig(project: DbtProject, resource: Resource, route: string[]): InheritedConfig {
  const config: InheritedConfig = { tags: [] };
  let level: unknown = project.settings[resource];
  for (const step of [undefined, project.name, ...route]) {
    if (step !== undefined) level = isRecord(level) && Object.hasOwn(level, step) ? level[step] : undefined;
    if (!isRecord(level)) break;
    const materialized = level['+materialized'] ?? level.materialized;
    const enabled = level['+enabled'] ?? level.enabled;
    const tags = level['+tags'] ?? level.tags;
    if (typeof materialized === 'string') config.materialized = materialized;
    if (typeof enabled === 'boolean') config.enabled = enabled;
    if (typeof tags === 'string') config.tags.push(tags);
    if (Array.isArray(tags)) config.tags.push(...tags.map(String));
  }
  return config;
}
