import type { Column, DocumentedObject, ProjectObject } from '../../../../domain/project.ts';

/** An object of a made-up project; what a test does not say is plain and valid. */
export function projectObject(name: string, changes: Partial<ProjectObject> = {}): ProjectObject {
  return {
    uniqueId: `model.shop.${name}`,
    name,
    resourceType: 'model',
    packageName: 'shop',
    path: `models/${name}.sql`,
    tags: [],
    description: '',
    columns: [],
    rawCode: 'select 1',
    adapterType: 'duckdb',
    parents: [],
    tests: [],
    hash: 'hash',
    ...changes,
  };
}

export function column(name: string, changes: Partial<Column> = {}): Column {
  return { name, description: '', tests: [], declared: true, ...changes };
}

/** A document of an object: a summary and the texts of its columns. */
export function documented(
  object: ProjectObject,
  summary?: string,
  columns?: Record<string, string>,
  changes: Partial<DocumentedObject> = {},
): DocumentedObject {
  return {
    object,
    content: {
      text: summary === undefined ? {} : { summary },
      ...(columns === undefined ? {} : { columns }),
    },
    state: 'proposed',
    version: 1,
    model: 'offline/test-model',
    createdAt: '2026-01-31T14:05:00.000Z',
    drift: [],
    ...changes,
  };
}
