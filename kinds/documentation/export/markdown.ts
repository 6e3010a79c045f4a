import type { DocumentedObject, ProjectObject } from '../../../domain/project.ts';
import { indexPage } from './markdown-index.ts';
import { modelPage } from './markdown-page.ts';
import { pagePaths } from './page-paths.ts';

interface MarkdownExport {
  projectName: string;
  /** ISO 8601. */
  generatedAt: string;
  /** All of the project, sources too: the lineage is drawn from them. */
  objects: ProjectObject[];
  /** At most one document per object. */
  documented: DocumentedObject[];
}

interface MarkdownFile {
  /** Relative to the folder of the export, with `/`: safe on every system, unique without regard to case. */
  path: string;
  text: string;
}

/**
 * The documentation as GitHub Markdown: `index.md`, then one page per documented object, made as they are
 * taken.
 */
export function* exportMarkdown(input: MarkdownExport): Iterable<MarkdownFile> {
  const byId = new Map(
    [...input.objects, ...input.documented.map(({ object }) => object)].map((each) => [each.uniqueId, each]),
  );
  const objects = [...byId.values()];
  const documented = [...input.documented].sort((a, b) => (a.object.uniqueId < b.object.uniqueId ? -1 : 1));
  const paths = pagePaths(documented);
  const children = childrenOf(objects);
  yield { path: 'index.md', text: indexPage({ ...input, objects, documented, paths }) };
  for (const each of documented) {
    const { uniqueId } = each.object;
    const parents = [...new Set(each.object.parents)].filter((parent) => parent !== uniqueId);
    const text = modelPage(each, {
      parents: parents.flatMap((parent) => byId.get(parent) ?? []).sort(byName),
      children: (children.get(uniqueId) ?? []).sort(byName),
      unknownParents: parents.filter((parent) => !byId.has(parent)).sort(),
      paths,
    });
    yield { path: paths.get(uniqueId) ?? '', text };
  }
}

function childrenOf(objects: ProjectObject[]): Map<string, ProjectObject[]> {
  const children = new Map<string, ProjectObject[]>();
  for (const object of objects) {
    for (const parent of new Set(object.parents)) {
      if (parent === object.uniqueId) continue;
      const siblings = children.get(parent);
      if (siblings === undefined) children.set(parent, [object]);
      else siblings.push(object);
    }
  }
  return children;
}

function byName(a: ProjectObject, b: ProjectObject): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.uniqueId < b.uniqueId ? -1 : 1;
}
