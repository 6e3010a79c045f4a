import { createRoute, z } from '@hono/zod-openapi';
import { AppError } from '../domain/errors.ts';
import { MAX_PEOPLE, ROLES } from '../domain/principal.ts';
import type { Invitation } from '../store/invitations.ts';
import { requires } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { errors, errorsWithoutInput, idParam, jsonAnswer, jsonBody, router } from './http.ts';
import { mailInvitation } from './invitation-mail.ts';
import { newInvitation } from './invitation-token.ts';
import { doneBy } from './people.ts';
import { emailSchema } from './sign-in.ts';

const tags = ['Accounts'];
const invitationFields = {
  id: z.string(),
  email: z.string(),
  role: z.enum(ROLES),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
};

const post = createRoute({
  method: 'post',
  path: '/invitations',
  tags,
  summary: 'Invite somebody, in place of an invitation of the same address; audited',
  middleware: requires('admin'),
  request: jsonBody(z.strictObject({ email: emailSchema, role: z.enum(ROLES) }).openapi('NewInvitation')),
  responses: {
    201: jsonAnswer(
      z
        .object({ ...invitationFields, token: z.string(), mailed: z.boolean() })
        .openapi('InvitationWithToken'),
      'The token is shown here, and mailed where that can be; it is for `POST /auth/accept`, once.',
    ),
    ...errors(403, 409),
  },
});

const list = createRoute({
  method: 'get',
  path: '/invitations',
  tags,
  summary: 'Invitations that are open, the newest first',
  middleware: requires('admin'),
  responses: {
    200: jsonAnswer(
      z.object({ invitations: z.array(z.object(invitationFields).openapi('Invitation')) }),
      'At most 100.',
    ),
    ...errorsWithoutInput(403),
  },
});

const withdraw = createRoute({
  method: 'delete',
  path: '/invitations/{id}',
  tags,
  summary: 'Withdraw an invitation; audited',
  middleware: requires('admin'),
  request: { params: idParam },
  responses: { 204: { description: 'Its token opens nothing.' }, ...errors(403, 404) },
});

/** How people come into the organization. */
export function invitationRoutes(deps: ApiDeps) {
  const { accounts, invitations, memberships } = deps.store;
  return router()
    .openapi(post, async (c) => {
      const { org, id: createdBy } = c.var.principal;
      const { email, role } = c.req.valid('json');
      if ((await memberships.findByEmail(org, email)) !== undefined)
        throw new AppError('conflict', `${email} belongs to the organization already`);
      if ((await memberships.count(org)) >= MAX_PEOPLE)
        throw new AppError('conflict', `the organization has ${MAX_PEOPLE} people already`);
      const { token, invitation } = newInvitation({ org, email, role, createdBy }, new Date());
      await accounts.invite(invitation, true, doneBy(c.var.principal));
      const mailed = await mailInvitation(deps, invitation, token);
      return c.json({ ...toApiInvitation(invitation), token, mailed }, 201);
    })
    .openapi(list, async (c) => {
      const open = await invitations.list(c.var.principal.org);
      return c.json({ invitations: open.map(toApiInvitation) }, 200);
    })
    .openapi(withdraw, async (c) => {
      const { id } = c.req.valid('param');
      if (!(await accounts.withdraw(c.var.principal.org, id, doneBy(c.var.principal))))
        throw new AppError('not_found', `there is no open invitation ${id}`);
      return c.body(null, 204);
    });
}

function toApiInvitation({ _id: id, email, role, createdAt, expiresAt }: Invitation) {
  return { id, email, role, createdAt: createdAt.toISOString(), expiresAt: expiresAt.toISOString() };
}
