import type { ProjectObject } from '../../domain/project.ts';

/** Where dbt keeps models unless a project says otherwise. */
const MODELS_FOLDER = 'models';

/**
 * What an object is counted under in an estimate: the first folder below the one for models, as projects are
 * mostly laid out (`staging`, `marts`); its first folder in other layouts, and its type where it has none.
 */
export function classOf({ path, resourceType }: Pick<ProjectObject, 'path' | 'resourceType'>): string {
  const folders = path.split('/').slice(0, -1).filter(Boolean);
  const below = folders.slice(folders.indexOf(MODELS_FOLDER) + 1);
  return below[0] ?? folders.at(-1) ?? resourceType;
}
