import { createRoute, z } from '@hono/zod-openapi';
import { stream } from 'hono/streaming';
import type { DocumentedObject, Project } from '../domain/project.ts';
import { exportMarkdown } from '../kinds/documentation/export/markdown.ts';
import { patchSchemaYml } from '../kinds/documentation/export/schema-yml.ts';
import type { ApiDeps } from './deps.ts';
import { errors, idParam, router } from './http.ts';
import { findProject } from './projects.ts';

const get = createRoute({
  method: 'get',
  path: '/documentation/projects/{id}/export',
  tags: ['Documents'],
  summary: 'The documents as Markdown pages or as patched yml files, one file a line',
  request: {
    params: idParam,
    query: z.strictObject({
      format: z.enum(['markdown', 'schema-yml']).default('markdown'),
      state: z.enum(['latest', 'approved']).default('latest'),
    }),
  },
  responses: {
    200: {
      description:
        'Lines of JSON with path and text; for schema-yml changed files, and a line with a summary.',
      content: { 'application/x-ndjson': { schema: z.string() } },
    },
    ...errors(404),
  },
});

/** Exports of a project's documents. */
export function exportRoutes(deps: ApiDeps) {
  return router().openapi(get, async (c) => {
    const { org } = c.var.principal;
    const { format, state } = c.req.valid('query');
    const project = await findProject(deps, org, c.req.valid('param').id);
    const of = { org, project: project.id, revision: project.revision };
    const objects = await deps.store.objects.outlines(of);
    const documented = await documentedObjects(deps, org, project, state, objects);
    const lines =
      format === 'markdown'
        ? exportMarkdown({
            projectName: project.name,
            generatedAt: new Date().toISOString(),
            objects,
            documented,
          })
        : ymlLines(await deps.store.objects.ymlFiles(of), documented, objects);
    c.header('content-type', 'application/x-ndjson');
    return stream(c, async (out) => {
      for (const line of lines) await out.write(`${JSON.stringify(line)}\n`);
    }) as never;
  });
}

function* ymlLines(
  files: { path: string; text: string }[],
  documented: DocumentedObject[],
  objects: Parameters<typeof patchSchemaYml>[2],
): Iterable<unknown> {
  const patch = patchSchemaYml(files, documented, objects);
  const changed = patch.files.filter((file) => file.added > 0);
  for (const { path, text } of changed) yield { path, text };
  const added = changed.reduce((sum, file) => sum + file.added, 0);
  yield { summary: { added, kept: patch.kept, skipped: patch.skipped } };
}

async function documentedObjects(
  deps: ApiDeps,
  org: string,
  project: Project,
  state: 'latest' | 'approved',
  objects: DocumentedObject['object'][],
): Promise<DocumentedObject[]> {
  const states = state === 'approved' ? (['approved'] as const) : (['proposed', 'approved'] as const);
  const documents = await deps.store.documents.newest(org, project.id, undefined, [...states]);
  return objects.flatMap((object) => {
    const document = documents.get(object.uniqueId);
    if (document === undefined) return [];
    const { content, state: shown, version, model, drift } = document;
    return [
      { object, content, state: shown, version, model, drift, createdAt: document.createdAt.toISOString() },
    ];
  });
}
