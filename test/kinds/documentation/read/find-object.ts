import type { ProjectObject, ProjectSource } from '../../../../domain/project.ts';

/** The object of a unique id; fails with the ids there are. */
export function find(project: ProjectSource, id: string): ProjectObject {
  const object = project.objects.find((one) => one.uniqueId === id);
  if (object === undefined) throw new Error(`no ${id} among ${project.objects.map((one) => one.uniqueId)}`);
  return object;
}
