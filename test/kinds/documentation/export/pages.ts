import type { DocumentedObject, ProjectObject } from '../../../../domain/project.ts';
import { exportMarkdown } from '../../../../kinds/documentation/export/markdown.ts';

/** The pages of a project by path. */
export function pagesOf(documents: DocumentedObject[], others: ProjectObject[] = [], projectName = 'Shop') {
  const objects = [...others, ...documents.map((each) => each.object)];
  const input = { projectName, generatedAt: '2026-01-31T14:05:00.000Z', objects, documented: documents };
  return new Map([...exportMarkdown(input)].map(({ path, text }) => [path, text]));
}

/** The one page of a project with one document. */
export function pageOf(document: DocumentedObject, others: ProjectObject[] = []): string {
  return pagesOf([document], others).get(`models/${document.object.name}.md`) ?? '';
}
