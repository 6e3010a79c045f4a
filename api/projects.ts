import { createRoute, z } from '@hono/zod-openapi';
import { AppError } from '../domain/errors.ts';
import type { Project } from '../domain/project.ts';
import { requires } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import {
  errors,
  idParam,
  jsonAnswer,
  pageFields,
  pageQuery,
  pageRequest,
  router,
  toPageFields,
} from './http.ts';
import { importProject, readUpload } from './import-project.ts';
import { withUpload } from './upload.ts';

const tags = ['Projects'];
const resourceType = z.enum(['model', 'seed', 'snapshot', 'source']);

const projectSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    adapterType: z.string(),
    origin: z.string(),
    revision: z.number().int(),
    objectCount: z.number().int(),
    modelCount: z.number().int(),
    warnings: z.array(z.string()),
    glossary: z.string().optional(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .openapi('Project');

const objectSchema = z
  .object({
    uniqueId: z.string(),
    name: z.string(),
    resourceType,
    packageName: z.string(),
    path: z.string(),
    relation: z.string().optional(),
    materialized: z.string().optional(),
    tags: z.array(z.string()),
    description: z.string(),
    columns: z.array(
      z.object({
        name: z.string(),
        type: z.string().optional(),
        description: z.string(),
        tests: z.array(z.string()),
        declared: z.boolean(),
      }),
    ),
    parents: z.array(z.string()),
    tests: z.array(z.string()),
    hash: z.string(),
    code: z.string().optional(),
  })
  .openapi('ProjectObject');

const file = z.string().openapi({ type: 'string', format: 'binary' });
const uploadBody = {
  body: {
    required: true,
    content: {
      'multipart/form-data': {
        schema: z.object({
          manifest: file.optional(),
          catalog: file.optional(),
          archive: file.optional(),
          name: z.string().optional(),
          glossary: z.string().optional(),
        }),
      },
    },
  },
};

const upload = createRoute({
  method: 'post',
  path: '/documentation/projects',
  tags,
  summary: 'Upload a manifest with or without its catalog, or a zip of a project; at most 200 MB a file',
  middleware: requires('operator'),
  responses: {
    200: jsonAnswer(projectSchema, 'The same content is stored already.'),
    201: jsonAnswer(projectSchema, 'A new revision.'),
    ...errors(403, 413),
  },
});

const list = createRoute({
  method: 'get',
  path: '/documentation/projects',
  tags,
  summary: 'List projects',
  request: { query: pageQuery },
  responses: {
    200: jsonAnswer(z.object({ projects: z.array(projectSchema), ...pageFields }), 'A page of projects.'),
    ...errors(),
  },
});

const get = createRoute({
  method: 'get',
  path: '/documentation/projects/{id}',
  tags,
  summary: 'Show a project',
  request: { params: idParam },
  responses: { 200: jsonAnswer(projectSchema, 'The project.'), ...errors(404) },
});

const objects = createRoute({
  method: 'get',
  path: '/documentation/projects/{id}/objects',
  tags,
  summary: 'The objects of a project, without their code',
  request: { params: idParam, query: pageQuery.extend({ type: resourceType.optional() }) },
  responses: {
    200: jsonAnswer(z.object({ objects: z.array(objectSchema), ...pageFields }), 'A page of objects.'),
    ...errors(404),
  },
});

const object = createRoute({
  method: 'get',
  path: '/documentation/projects/{id}/objects/{object}',
  tags,
  summary: 'One object with its code, by its unique id',
  request: { params: idParam.extend({ object: z.string().min(1).max(500) }) },
  responses: { 200: jsonAnswer(objectSchema, 'The object.'), ...errors(404) },
});

/** @throws AppError `not_found`, also for another organization's project. */
export async function findProject(deps: ApiDeps, org: string, id: string): Promise<Project> {
  const project = await deps.store.projects.find(org, id);
  if (project === undefined) throw new AppError('not_found', `there is no project ${id}`);
  return project;
}

/** Projects and their objects. */
export function projectRoutes(deps: ApiDeps) {
  const { projects, objects: stored } = deps.store;
  const revisionOf = (org: string, project: Project) => ({
    org,
    project: project.id,
    revision: project.revision,
  });
  const routes = router();
  routes.openAPIRegistry.registerPath({ ...upload, path: `${upload.path}`, request: uploadBody });
  return routes
    .openapi({ ...upload, hide: true }, async (c) => {
      const parts = { files: ['manifest', 'catalog', 'archive'], texts: ['name', 'glossary'] };
      const into = { folder: deps.uploadFolder, ...parts };
      const { project, changed } = await withUpload(c.req.raw, into, async (received, folder) =>
        importProject(
          deps,
          c.var.principal.org,
          await readUpload(received, folder),
          received.texts.get('glossary') || undefined,
        ),
      );
      return changed ? c.json(toApiProject(project), 201) : c.json(toApiProject(project), 200);
    })
    .openapi(list, async (c) => {
      const page = await projects.list(c.var.principal.org, pageRequest(c.req.valid('query')));
      return c.json({ projects: page.rows.map(toApiProject), ...toPageFields(page) }, 200);
    })
    .openapi(get, async (c) => {
      const project = await findProject(deps, c.var.principal.org, c.req.valid('param').id);
      return c.json(toApiProject(project), 200);
    })
    .openapi(objects, async (c) => {
      const { org } = c.var.principal;
      const query = c.req.valid('query');
      const project = await findProject(deps, org, c.req.valid('param').id);
      const page = await stored.list(revisionOf(org, project), query.type, pageRequest(query));
      const rows = page.rows.map(({ rawCode: _raw, compiledCode: _compiled, ...rest }) => rest);
      return c.json({ objects: rows, ...toPageFields(page) }, 200);
    })
    .openapi(object, async (c) => {
      const { org } = c.var.principal;
      const { id, object: uniqueId } = c.req.valid('param');
      const project = await findProject(deps, org, id);
      const found = await stored.find(revisionOf(org, project), uniqueId);
      if (found === undefined) throw new AppError('not_found', `the project has no object ${uniqueId}`);
      const { rawCode, compiledCode, ...rest } = found;
      return c.json({ ...rest, code: compiledCode ?? rawCode }, 200);
    });
}

function toApiProject(project: Project): z.infer<typeof projectSchema> {
  const { contentHash: _contentHash, createdAt, updatedAt, ...rest } = project;
  return { ...rest, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}
