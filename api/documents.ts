import { createRoute, z } from '@hono/zod-openapi';
import { AppError } from '../domain/errors.ts';
import { requires } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { documentSchema, documentStates, toApiDocument } from './document-view.ts';
import {
  errors,
  idParam,
  jsonAnswer,
  jsonBody,
  pageFields,
  pageQuery,
  pageRequest,
  router,
  toPageFields,
} from './http.ts';
import { findProject } from './projects.ts';

const tags = ['Documents'];
type Decision = 'approve' | 'reject';
const VERB = { approve: 'Approve', reject: 'Reject' } as const;
const STATE_AFTER = { approve: 'approved', reject: 'rejected' } as const;
/** Proposals that one request decides at the most; asking again decides the rest. */
const DECISIONS_PER_REQUEST = 20_000;
const DECISIONS_AT_A_TIME = 16;

const list = createRoute({
  method: 'get',
  path: '/documentation/projects/{id}/documents',
  tags,
  summary: 'Versions of the documents of a project',
  request: { params: idParam, query: pageQuery.extend({ state: z.enum(documentStates).optional() }) },
  responses: {
    200: jsonAnswer(z.object({ documents: z.array(documentSchema), ...pageFields }), 'A page of documents.'),
    ...errors(404),
  },
});

const get = createRoute({
  method: 'get',
  path: '/documents/{id}',
  tags,
  summary: 'One version of a document',
  request: { params: idParam },
  responses: { 200: jsonAnswer(documentSchema, 'The document.'), ...errors(404) },
});

function decideOne(decision: Decision) {
  return createRoute({
    method: 'post',
    path: `/documents/{id}/${decision}` as `/documents/{id}/${typeof decision}`,
    tags,
    summary: `${VERB[decision]} a proposal`,
    middleware: requires('operator'),
    request: { params: idParam },
    responses: { 200: jsonAnswer(documentSchema, 'The document.'), ...errors(403, 404, 409) },
  });
}

function decideAll(decision: Decision) {
  return createRoute({
    method: 'post',
    path: `/documentation/projects/{id}/documents/${decision}` as const,
    tags,
    summary: `${VERB[decision]} all proposals of a project, or those of one run`,
    middleware: requires('operator'),
    request: { params: idParam, ...jsonBody(z.strictObject({ run: z.string().optional() })) },
    responses: {
      200: jsonAnswer(z.object({ decided: z.number().int() }), 'How many were decided.'),
      ...errors(403, 404),
    },
  });
}

/** Documents as versions, which people approve or reject, one by one or all at once. */
export function documentRoutes(deps: ApiDeps) {
  const { documents } = deps.store;
  async function decided(org: string, id: string, decision: Decision, by: string) {
    const done = await documents.decide(org, id, STATE_AFTER[decision], by);
    const document = await documents.find(org, id);
    if (document === undefined) throw new AppError('not_found', `there is no document ${id}`);
    if (!done && document.state !== STATE_AFTER[decision])
      throw new AppError('conflict', `the document is ${document.state}, not a proposal`);
    return toApiDocument(document);
  }
  async function decideProposals(
    org: string,
    id: string,
    run: string | undefined,
    decision: Decision,
    by: string,
  ) {
    const project = (await findProject(deps, org, id)).id;
    const of = { project, ...(run === undefined ? {} : { run }) };
    let count = 0;
    const proposals = await documents.proposals(org, of, DECISIONS_PER_REQUEST);
    for (let at = 0; at < proposals.length; at += DECISIONS_AT_A_TIME) {
      const some = proposals.slice(at, at + DECISIONS_AT_A_TIME);
      const done = await Promise.all(
        some.map((proposal) => documents.decide(org, proposal, STATE_AFTER[decision], by)),
      );
      count += done.filter(Boolean).length;
    }
    return { decided: count };
  }
  return router()
    .openapi(list, async (c) => {
      const { org } = c.var.principal;
      const query = c.req.valid('query');
      const project = await findProject(deps, org, c.req.valid('param').id);
      const of = { project: project.id, ...(query.state && { state: query.state }) };
      const page = await documents.list(org, of, pageRequest(query));
      return c.json({ documents: page.rows.map(toApiDocument), ...toPageFields(page) }, 200);
    })
    .openapi(get, async (c) => {
      const { id } = c.req.valid('param');
      const document = await documents.find(c.var.principal.org, id);
      if (document === undefined) throw new AppError('not_found', `there is no document ${id}`);
      return c.json(toApiDocument(document), 200);
    })
    .openapi(decideOne('approve'), async (c) => {
      const { org, id: by } = c.var.principal;
      return c.json(await decided(org, c.req.valid('param').id, 'approve', by), 200);
    })
    .openapi(decideOne('reject'), async (c) => {
      const { org, id: by } = c.var.principal;
      return c.json(await decided(org, c.req.valid('param').id, 'reject', by), 200);
    })
    .openapi(decideAll('approve'), async (c) => {
      const { org, id: by } = c.var.principal;
      const { run } = c.req.valid('json');
      return c.json(await decideProposals(org, c.req.valid('param').id, run, 'approve', by), 200);
    })
    .openapi(decideAll('reject'), async (c) => {
      const { org, id: by } = c.var.principal;
      const { run } = c.req.valid('json');
      return c.json(await decideProposals(org, c.req.valid('param').id, run, 'reject', by), 200);
    });
}
