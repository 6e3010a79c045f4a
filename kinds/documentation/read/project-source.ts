import { topologicalOrder } from '../../../domain/order.ts';
import type { ProjectObject, ProjectSource } from '../../../domain/project.ts';
import { type Catalog, mergeColumns, readCatalog } from './catalog.ts';
import { withHash } from './hash.ts';
import { badFile } from './text-file.ts';
import type { Warnings } from './warnings.ts';

/** An object while it is put together. */
export type Draft = Omit<ProjectObject, 'hash'>;

const MAX_CYCLE_NAMES = 10;

/**
 * Where the column types come from: `required` when somebody named the file, so that a mismatch is an error.
 */
export interface CatalogFile {
  path: string;
  shown: string;
  required: boolean;
}

/**
 * Finishes what a reader has put together: types from the catalog, warnings about circles, hashes.
 * @throws AppError `invalid_input` where the catalog that was named belongs to another project
 */
export async function finishProject(
  project: Omit<ProjectSource, 'objects' | 'warnings'> & { objects: Draft[] },
  catalogFile: CatalogFile | undefined,
  warnings: Warnings,
): Promise<ProjectSource> {
  if (catalogFile !== undefined) {
    addTypes(project.objects, await readCatalog(catalogFile.path, catalogFile.shown), catalogFile, warnings);
  }
  warnOfCycles(project.objects, warnings);
  return { ...project, objects: project.objects.map(withHash), warnings: warnings.list() };
}

function addTypes(objects: Draft[], catalog: Catalog, file: CatalogFile, warnings: Warnings): void {
  let found = 0;
  for (const object of objects) {
    const known = catalog.get(object.uniqueId);
    if (known === undefined) continue;
    found++;
    object.columns = mergeColumns(object.columns, known);
  }
  if (found > 0) return;
  const problem = 'describes none of the objects of the project; is it the catalog of another one?';
  if (file.required) throw badFile(file.shown, problem);
  warnings.add(`${file.shown}: ${problem}`);
}

/** An object cannot wait for itself, so its own name is no parent; longer circles stay and are told. */
function warnOfCycles(objects: Draft[], warnings: Warnings): void {
  for (const object of objects) {
    if (!object.parents.includes(object.uniqueId)) continue;
    object.parents = object.parents.filter((parent) => parent !== object.uniqueId);
    warnings.add(`${object.uniqueId} refers to itself; the reference is left out.`);
  }
  const nodes = objects.map((object) => ({ id: object.uniqueId, parents: object.parents }));
  for (const cycle of topologicalOrder(nodes).cycles) {
    const names = cycle.slice(0, MAX_CYCLE_NAMES).join(', ');
    const more = cycle.length > MAX_CYCLE_NAMES ? ` and ${cycle.length - MAX_CYCLE_NAMES} more` : '';
    warnings.add(`These objects refer to each other in a circle and are taken together: ${names}${more}.`);
  }
}
