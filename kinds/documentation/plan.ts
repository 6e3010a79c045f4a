import { AppError, invalidInput } from '../../domain/errors.ts';
import { topologicalOrder } from '../../domain/order.ts';
import { LAYERS, type ProjectObject } from '../../domain/project.ts';
import type { PlannedItem } from '../kind.ts';
import type { DocumentationInput, FrozenInput } from './input.ts';
import type { DocumentationLibrary } from './library.ts';
import { selectObjects } from './select.ts';

/**
 * Resolves what is to be documented and fixes the revision.
 * @throws AppError `not_found` for a project that is not there, `invalid_input` for objects that are not.
 */
export async function freezeInput(
  library: DocumentationLibrary,
  org: string,
  input: DocumentationInput,
): Promise<FrozenInput> {
  const project = await library.project(org, input.projectId);
  if (project === undefined) throw new AppError('not_found', `there is no project ${input.projectId}`);
  const objects = await library.outlines({ org, project: project.id, revision: project.revision });
  const chosen = chosenObjects(objects, input);
  if (chosen.length === 0) throw invalidInput(`project ${project.name} has no models to document`);
  const wanted = new Set(input.layers ?? LAYERS);
  return {
    projectId: project.id,
    revision: project.revision,
    layers: LAYERS.filter((layer) => wanted.has(layer)),
    ...(input.objectIds === undefined ? {} : { objectIds: input.objectIds }),
    ...(input.select === undefined ? {} : { select: input.select }),
  };
}

function chosenObjects(
  objects: ProjectObject[],
  input: Pick<DocumentationInput, 'objectIds' | 'select'>,
): ProjectObject[] {
  if (input.objectIds === undefined) return selectObjects(objects, input.select ?? []);
  const models = objects.filter((object) => object.resourceType === 'model');
  const byId = new Map(models.map((model) => [model.uniqueId, model]));
  const unknown = input.objectIds.filter((id) => !byId.has(id));
  if (unknown.length === 0) return [...new Set(input.objectIds)].flatMap((id) => byId.get(id) ?? []);
  throw invalidInput(
    `the project has no model ${unknown.slice(0, 3).join(', ')}`,
    unknown.slice(0, 20).map((id) => ({ field: 'objectIds', problem: `${id} is not one of its models` })),
  );
}

/** Models upstream before downstream; parents that are not part of the run are not waited for. */
export async function planItems(
  library: DocumentationLibrary,
  run: { org: string; input: FrozenInput },
): Promise<PlannedItem[]> {
  const { projectId: project, revision } = run.input;
  const objects = await library.outlines({ org: run.org, project, revision });
  const documents = await library.newestDocuments(run.org, project);
  const byId = new Map(objects.map((object) => [object.uniqueId, object]));
  const nodes = chosenObjects(objects, run.input).map((object) => ({
    id: object.uniqueId,
    parents: object.parents,
  }));
  const { order } = topologicalOrder(nodes);
  const seqOf = new Map(order.map((id, seq) => [id, seq]));
  return order.map((id, seq) => ({
    key: id,
    name: byId.get(id)?.name ?? id,
    // Within a cycle some parents come later: nobody can wait for those.
    parents: (byId.get(id)?.parents ?? [])
      .flatMap((parent) => seqOf.get(parent) ?? [])
      .filter((at) => at < seq),
    maybeReused: documents.has(id),
  }));
}
