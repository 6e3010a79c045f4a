import { randomBytes } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import { AppError } from '../domain/errors.ts';
import { type Principal, ROLES } from '../domain/principal.ts';
import type { ChangeOfPeople, Doing } from '../store/accounts.ts';
import type { Membership } from '../store/memberships.ts';
import { requires } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { errors, errorsWithoutInput, idParam, jsonAnswer, jsonBody, router } from './http.ts';
import type { KeyCache } from './key-cache.ts';

const tags = ['Accounts'];
const personSchema = z
  .object({ id: z.string(), email: z.string(), role: z.enum(ROLES), since: z.iso.datetime() })
  .openapi('Person');

const list = createRoute({
  method: 'get',
  path: '/people',
  tags,
  summary: 'Who belongs to the organization, by e-mail address',
  middleware: requires('admin'),
  responses: {
    200: jsonAnswer(z.object({ people: z.array(personSchema) }), 'At most 1,000.'),
    ...errorsWithoutInput(403),
  },
});

const change = createRoute({
  method: 'patch',
  path: '/people/{id}',
  tags,
  summary: 'Change the role of somebody, which holds within a second; audited',
  middleware: requires('admin'),
  request: { params: idParam, ...jsonBody(z.strictObject({ role: z.enum(ROLES) })) },
  responses: { 200: jsonAnswer(personSchema, 'As they are now.'), ...errors(403, 404, 409) },
});

const remove = createRoute({
  method: 'delete',
  path: '/people/{id}',
  tags,
  summary: 'Remove somebody from the organization, with their sign-ins; audited',
  middleware: requires('admin'),
  request: { params: idParam },
  responses: { 204: { description: 'They are out.' }, ...errors(403, 404, 409) },
});

const signOut = createRoute({
  method: 'delete',
  path: '/people/{id}/sessions',
  tags,
  summary: 'End all sign-ins of somebody to this organization; audited',
  middleware: requires('admin'),
  request: { params: idParam },
  responses: { 204: { description: 'They are signed out.' }, ...errors(403, 404) },
});

/** The people of the organization, for admins. */
export function peopleRoutes(deps: ApiDeps, keyCache: KeyCache) {
  const { accounts, memberships } = deps.store;
  const settle = (outcome: ChangeOfPeople, id: string) => {
    if (outcome === 'missing') throw new AppError('not_found', `there is no person ${id}`);
    if (outcome === 'last_admin')
      throw new AppError('conflict', 'this is the last admin: make somebody else an admin first');
    keyCache.forget();
  };
  return router()
    .openapi(list, async (c) => {
      const people = await memberships.list(c.var.principal.org);
      return c.json({ people: people.map(toApiPerson) }, 200);
    })
    .openapi(change, async (c) => {
      const { org } = c.var.principal;
      const { id } = c.req.valid('param');
      settle(await accounts.setRole(org, id, c.req.valid('json').role, doneBy(c.var.principal)), id);
      const member = await memberships.find(org, id);
      if (member === undefined) throw new AppError('not_found', 'the person was removed meanwhile');
      return c.json(toApiPerson(member), 200);
    })
    .openapi(remove, async (c) => {
      const { id } = c.req.valid('param');
      settle(await accounts.remove(c.var.principal.org, id, doneBy(c.var.principal)), id);
      return c.body(null, 204);
    })
    .openapi(signOut, async (c) => {
      const { id } = c.req.valid('param');
      settle(await accounts.signOut(c.var.principal.org, id, doneBy(c.var.principal)), id);
      return c.body(null, 204);
    });
}

/** A change that is made now, with an id of its own. */
export function doneBy({ id: by }: Pick<Principal, 'id'>): Doing {
  return { id: `person:${randomBytes(8).toString('hex')}`, by, at: new Date() };
}

function toApiPerson({ person: id, email, role, createdAt }: Membership) {
  return { id, email, role, since: createdAt.toISOString() };
}
