import type { Column, DocumentationFacts, ParentFacts, ProjectObject } from '../../../../domain/project.ts';
import { readProject } from '../../../../kinds/documentation/read/project.ts';

/** A column as a test needs it. */
export function column(name: string, more: Partial<Column> = {}): Column {
  return { name, description: '', tests: [], declared: true, ...more };
}

/** The facts of a model made of this SQL; parents are named by it, and their columns may be given. */
export function factsOf(
  sql: string,
  more: Partial<ProjectObject> = {},
  parents: Record<string, Column[]> = {},
): DocumentationFacts {
  const object: ProjectObject = {
    uniqueId: 'model.shop.subject',
    name: 'subject',
    resourceType: 'model',
    packageName: 'shop',
    path: 'models/subject.sql',
    materialized: 'table',
    tags: [],
    description: '',
    columns: [],
    rawCode: sql,
    adapterType: 'duckdb',
    parents: Object.keys(parents).map((name) => `model.shop.${name}`),
    tests: [],
    hash: '',
    ...more,
  };
  return { object, parents: Object.entries(parents).map(parentOf), children: [] };
}

function parentOf([name, columns]: [string, Column[]]): ParentFacts {
  return { uniqueId: `model.shop.${name}`, name, resourceType: 'model', columns };
}

/** The facts of every model of a real project, as a run would have them before anything is generated. */
export async function factsOfProject(path: string, catalogPath?: string): Promise<DocumentationFacts[]> {
  const project = await readProject(path, catalogPath === undefined ? {} : { catalogPath });
  const byId = new Map(project.objects.map((object) => [object.uniqueId, object]));
  const models = project.objects.filter((object) => object.resourceType === 'model');
  return models.map((object) => ({
    object,
    parents: object.parents.flatMap((id) => {
      const parent = byId.get(id);
      if (parent === undefined) return [];
      const { uniqueId, name, resourceType, columns, description } = parent;
      return [
        { uniqueId, name, resourceType, columns, ...(description === '' ? {} : { summary: description }) },
      ];
    }),
    children: [],
  }));
}
