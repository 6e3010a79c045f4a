import { createRoute, z } from '@hono/zod-openapi';
import type { Company } from '../domain/company.ts';
import { AppError } from '../domain/errors.ts';
import { given } from '../domain/given.ts';
import { requires } from './auth.ts';
import { companyChangeSchema, companySchema, newCompanySchema, toApiCompany } from './company-view.ts';
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
import { idOf } from './idempotency.ts';

const tags = ['Companies'];

const post = createRoute({
  method: 'post',
  path: '/companies',
  tags,
  summary: 'Add a company',
  middleware: requires('operator'),
  request: jsonBody(newCompanySchema),
  responses: { 201: jsonAnswer(companySchema, 'The company.'), ...errors(403, 409) },
});

const list = createRoute({
  method: 'get',
  path: '/companies',
  tags,
  summary: 'List companies, the newest first; or the one of a name',
  request: { query: pageQuery.extend({ name: z.string().min(1).max(200).optional() }) },
  responses: {
    200: jsonAnswer(z.object({ companies: z.array(companySchema), ...pageFields }), 'A page of companies.'),
    ...errors(),
  },
});

const get = createRoute({
  method: 'get',
  path: '/companies/{id}',
  tags,
  summary: 'Show a company',
  request: { params: idParam },
  responses: { 200: jsonAnswer(companySchema, 'The company.'), ...errors(404) },
});

const patch = createRoute({
  method: 'patch',
  path: '/companies/{id}',
  tags,
  summary: 'Change what is known of a company; answers about it are found anew then',
  middleware: requires('operator'),
  request: { params: idParam, ...jsonBody(companyChangeSchema) },
  responses: { 200: jsonAnswer(companySchema, 'The company after it.'), ...errors(403, 404, 409) },
});

const remove = createRoute({
  method: 'delete',
  path: '/companies/{id}',
  tags,
  summary: 'Forget a company with its sources and the answers about it alone',
  middleware: requires('operator'),
  request: { params: idParam },
  responses: { 204: { description: 'Forgotten.' }, ...errors(403, 404) },
});

/** Companies, to be analysed. */
export function companyRoutes(deps: ApiDeps) {
  const { companies, companySources, snapshots } = deps.store;
  return router()
    .openapi(post, async (c) => {
      const { name, description, website } = c.req.valid('json');
      const company: Company = {
        id: idOf('cmp', c.var.principal.org),
        name,
        description,
        ...(website !== undefined && { website }),
        createdAt: new Date(),
      };
      if (!(await companies.create(c.var.principal.org, company))) throw nameTaken(name);
      c.header('Location', `/api/v1/companies/${company.id}`);
      return c.json(toApiCompany(company), 201);
    })
    .openapi(list, async (c) => {
      const { org } = c.var.principal;
      const { name, ...query } = c.req.valid('query');
      if (name !== undefined) {
        const found = await companies.named(org, name);
        const rows = found === undefined ? [] : [toApiCompany(found)];
        return c.json({ companies: rows, ...toPageFields({ total: rows.length }) }, 200);
      }
      const page = await companies.list(org, pageRequest(query));
      return c.json({ companies: page.rows.map(toApiCompany), ...toPageFields(page) }, 200);
    })
    .openapi(get, async (c) => {
      const company = await findCompany(deps, c.var.principal.org, c.req.valid('param').id);
      return c.json(toApiCompany(company), 200);
    })
    .openapi(patch, async (c) => {
      const { org } = c.var.principal;
      const { id } = c.req.valid('param');
      const asked = c.req.valid('json');
      const changes = given(asked);
      await findCompany(deps, org, id);
      const other = asked.name === undefined ? undefined : await companies.named(org, asked.name);
      if (other !== undefined && other.id !== id) throw nameTaken(asked.name ?? '');
      await companies.change(org, id, changes);
      return c.json(toApiCompany(await findCompany(deps, org, id)), 200);
    })
    .openapi(remove, async (c) => {
      const { org } = c.var.principal;
      const { id } = c.req.valid('param');
      await findCompany(deps, org, id);
      // Last what names it: whoever is interrupted asks again.
      await Promise.all([companySources.removeAll(org, id), snapshots.removeOf(org, id)]);
      await companies.remove(org, id);
      return c.body(null, 204);
    });
}

function nameTaken(name: string): AppError {
  const problem = `"${name}" is taken by another company`;
  return new AppError('conflict', problem, { details: [{ field: 'name', problem }] });
}

/** @throws AppError `not_found`, also for another organization's company. */
export async function findCompany(deps: ApiDeps, org: string, id: string): Promise<Company> {
  const company = await deps.store.companies.find(org, id);
  if (company === undefined) throw new AppError('not_found', `there is no company ${id}`);
  return company;
}
