import { createRoute, z } from '@hono/zod-openapi';
import { AppError, invalidInput } from '../domain/errors.ts';
import { ROLES } from '../domain/principal.ts';
import type { ApiDeps } from './deps.ts';
import { errors, errorsWithoutInput, idParam, jsonAnswer, jsonBody, router } from './http.ts';
import type { KeyCache } from './key-cache.ts';
import { withinLoginLimit } from './login-limit.ts';
import { hashPassword, isPassword } from './passwords.ts';
import {
  addressOf,
  newPasswordSchema,
  orgSchema,
  passwordSchema,
  personOf,
  signedInSchema,
  signIn,
} from './sign-in.ts';

const tags = ['Accounts'];
const time = z.iso.datetime();

const me = createRoute({
  method: 'get',
  path: '/auth/me',
  tags,
  summary: 'Who asks, and which organizations they belong to',
  responses: {
    200: jsonAnswer(
      z
        .object({
          id: z.string(),
          via: z.enum(['api_key', 'person']),
          email: z.string().nullable(),
          org: z.string(),
          role: z.enum(ROLES),
          organizations: z.array(z.object({ id: z.string(), name: z.string(), role: z.enum(ROLES) })),
        })
        .openapi('Me'),
      'An API key or a person.',
    ),
    ...errorsWithoutInput(),
  },
});

const list = createRoute({
  method: 'get',
  path: '/auth/sessions',
  tags,
  summary: "One's own sign-ins to this organization that hold, the newest first",
  responses: {
    200: jsonAnswer(
      z.object({
        sessions: z.array(
          z
            .object({
              id: z.string(),
              createdAt: time,
              expiresAt: time,
              address: z.string(),
              client: z.string(),
              current: z.boolean(),
            })
            .openapi('SignIn'),
        ),
      }),
      'At most 100.',
    ),
    ...errorsWithoutInput(),
  },
});

const revoke = createRoute({
  method: 'delete',
  path: '/auth/sessions/{id}',
  tags,
  summary: "End one of one's own sign-ins: at once here, within a second elsewhere",
  request: { params: idParam },
  responses: { 204: { description: 'Ended.' }, ...errors(404) },
});

const logout = createRoute({
  method: 'post',
  path: '/auth/logout',
  tags,
  summary: 'End this sign-in: at once here, within a second elsewhere',
  responses: { 204: { description: 'Ended.' }, ...errors(409) },
});

const switchTo = createRoute({
  method: 'post',
  path: '/auth/switch',
  tags,
  summary: 'A token for another organization that one belongs to; it ends when this one does',
  request: jsonBody(z.strictObject({ org: orgSchema })),
  responses: { 200: jsonAnswer(signedInSchema, 'Signed in there, too.'), ...errors(403, 409) },
});

const password = createRoute({
  method: 'post',
  path: '/auth/password',
  tags,
  summary: "Change one's own password; ends all other sign-ins",
  request: jsonBody(z.strictObject({ current: passwordSchema, new: newPasswordSchema })),
  responses: { 204: { description: 'Changed.' }, ...errors(409, 429) },
});

/** What people do with their own sign-ins. */
export function sessionRoutes(deps: ApiDeps, keyCache: KeyCache) {
  const { signIns, memberships, organizations, people } = deps.store;
  return router()
    .openapi(me, async (c) => {
      const { id, via, email = null, org, role } = c.var.principal;
      const member = via === 'person' ? await memberships.ofPerson(id) : [{ org, role }];
      const names = await organizations.names(member.map((each) => each.org));
      const all = member.map((each) => ({
        id: each.org,
        name: names.get(each.org) ?? each.org,
        role: each.role,
      }));
      return c.json({ id, via, email, org, role, organizations: all }, 200);
    })
    .openapi(list, async (c) => {
      const { org, id: person, signIn: current } = c.var.principal;
      const sessions = (await signIns.list(org, person)).map(
        ({ _id: id, createdAt, expiresAt, ...rest }) => ({
          id,
          createdAt: createdAt.toISOString(),
          expiresAt: expiresAt.toISOString(),
          address: rest.address,
          client: rest.client,
          current: id === current,
        }),
      );
      return c.json({ sessions }, 200);
    })
    .openapi(revoke, async (c) => {
      const { org, id: person } = c.var.principal;
      const { id } = c.req.valid('param');
      if (!(await signIns.revoke(org, person, id)))
        throw new AppError('not_found', `you have no sign-in ${id} that holds`);
      keyCache.forget();
      return c.body(null, 204);
    })
    .openapi(logout, async (c) => {
      const { org, id, signIn } = personOf(c.var.principal);
      await signIns.revoke(org, id, signIn);
      keyCache.forget();
      return c.body(null, 204);
    })
    .openapi(switchTo, async (c) => {
      const { id: _id, email = '', org, signIn: current } = personOf(c.var.principal);
      // It ends with the present one, or a token that was stolen could be made to last for ever.
      const until = (await signIns.find(org, current))?.expiresAt ?? new Date();
      return c.json(await signIn(c, deps, { _id, email }, { org: c.req.valid('json').org, until }), 200);
    })
    .openapi(password, async (c) => {
      const { id, email = '', signIn } = personOf(c.var.principal);
      const { current, new: wanted } = c.req.valid('json');
      const address = addressOf(c, deps);
      const is = await withinLoginLimit(deps, { email, address }, async () =>
        (await isPassword(current, (await people.find(id))?.passwordHash)) ? true : undefined,
      );
      if (is === undefined)
        throw invalidInput('the present password is wrong', [{ field: 'current', problem: 'is wrong' }]);
      await people.setPassword(id, await hashPassword(wanted));
      await signIns.revokeOthers(id, signIn);
      keyCache.forget();
      return c.body(null, 204);
    });
}
