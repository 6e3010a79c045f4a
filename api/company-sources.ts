import { createRoute, z } from '@hono/zod-openapi';
import type { Source } from '../domain/company.ts';
import { AppError } from '../domain/errors.ts';
import { SOURCE_FORMATS, textOfSource } from '../kinds/intelligence/read/source-text.ts';
import { requires } from './auth.ts';
import { findCompany } from './companies.ts';
import { sourceSchema, toApiSource } from './company-view.ts';
import type { ApiDeps } from './deps.ts';
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
import { sha256 } from './idempotency.ts';

const tags = ['Companies'];
/** As much as a request may carry; of a PDF three quarters of it. */
const MAX_CHARACTERS = 8_000_000;

const newSourceSchema = z
  .strictObject({
    title: z.string().trim().min(1).max(300),
    format: z.enum(SOURCE_FORMATS).default('text'),
    /** The document itself; of a PDF in base64. */
    content: z.string().min(1).max(MAX_CHARACTERS),
  })
  .openapi('NewSource');

const post = createRoute({
  method: 'post',
  path: '/companies/{id}/sources',
  tags,
  summary: 'Add a document about a company: text, Markdown, HTML, or a PDF in base64; up to 8 MB',
  middleware: requires('operator'),
  request: { params: idParam, ...jsonBody(newSourceSchema) },
  responses: {
    201: jsonAnswer(sourceSchema, 'The source; of a text that is there already the one from before.'),
    ...errors(403, 404),
  },
});

const list = createRoute({
  method: 'get',
  path: '/companies/{id}/sources',
  tags,
  summary: 'The documents about a company',
  request: { params: idParam, query: pageQuery },
  responses: {
    200: jsonAnswer(
      z.object({ sources: z.array(sourceSchema), ...pageFields }),
      'A page of them, in the order of their labels.',
    ),
    ...errors(404),
  },
});

const remove = createRoute({
  method: 'delete',
  path: '/companies/{id}/sources/{label}',
  tags,
  summary: 'Forget a document; answers that were found with it are found anew',
  middleware: requires('operator'),
  request: { params: idParam.extend({ label: z.string().regex(/^S\d{1,6}$/) }) },
  responses: { 204: { description: 'Forgotten.' }, ...errors(403, 404) },
});

/** Documents about companies: what claims are cited from. */
export function companySourceRoutes(deps: ApiDeps) {
  const { companySources } = deps.store;
  return router()
    .openapi(post, async (c) => {
      const { org } = c.var.principal;
      const { id } = c.req.valid('param');
      const { title, format, content } = c.req.valid('json');
      await findCompany(deps, org, id);
      const bytes = Buffer.from(content, format === 'pdf' ? 'base64' : 'utf8');
      const text = await textOfSource(bytes, format);
      const { text: kept, ...source } = await addSource(deps, org, id, title, text);
      return c.json(toApiSource({ ...source, characters: kept.length }), 201);
    })
    .openapi(list, async (c) => {
      const { org } = c.var.principal;
      const { id } = c.req.valid('param');
      await findCompany(deps, org, id);
      const page = await companySources.outlines(org, id, pageRequest(c.req.valid('query')));
      return c.json({ sources: page.rows.map(toApiSource), ...toPageFields(page) }, 200);
    })
    .openapi(remove, async (c) => {
      const { org } = c.var.principal;
      const { id, label } = c.req.valid('param');
      await findCompany(deps, org, id);
      if (!(await companySources.remove(org, id, label)))
        throw new AppError('not_found', `the company has no source ${label}`);
      return c.body(null, 204);
    });
}

/** The same text again is the same source. */
async function addSource(
  deps: ApiDeps,
  org: string,
  company: string,
  title: string,
  text: string,
): Promise<Source> {
  const { companies, companySources } = deps.store;
  const hash = sha256(text);
  const known = await companySources.byHash(org, company, hash);
  if (known !== undefined) return known;
  const label = await companies.nextLabel(org, company);
  if (label === undefined) throw new AppError('not_found', `there is no company ${company}`);
  const source = { label, title, text, hash, addedAt: new Date() };
  if (await companySources.add(org, company, source)) return source;
  return (await companySources.byHash(org, company, hash)) ?? source;
}
