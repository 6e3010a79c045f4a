import type { DocumentedObject, ProjectObject } from '../../../../domain/project.ts';
import { patchSchemaYml } from '../../../../kinds/documentation/export/schema-yml.ts';
import { documented, projectObject } from './objects.ts';

/** Patches one file, `models/schema.yml`. */
export function patchOne(text: string, documents: DocumentedObject[], objects: ProjectObject[] = []) {
  const all = objects.length > 0 ? objects : documents.map((each) => each.object);
  const result = patchSchemaYml([{ path: 'models/schema.yml', text }], documents, all);
  return { ...result, text: result.files[0]?.text ?? '' };
}

/** A document of the model `orders`. */
export function orders(columns: Record<string, string> = { id: 'Key.', total: 'Sum.' }): DocumentedObject {
  return documented(projectObject('orders'), 'One row per order.', columns);
}
