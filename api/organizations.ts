import { createRoute, z } from '@hono/zod-openapi';
import { AppError, invalidInput } from '../domain/errors.ts';
import { requires } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { errors, jsonAnswer, jsonBody, router } from './http.ts';
import { newInvitation } from './invitation-token.ts';
import { doneBy } from './people.ts';
import { emailSchema } from './sign-in.ts';

const newOrganization = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'must be small letters, digits, - and _'),
    name: z.string().trim().min(1).max(100),
    email: emailSchema.optional().openapi({
      description: 'Whom to invite as its admin; without it the person who asks becomes that.',
    }),
  })
  .openapi('NewOrganization');

const post = createRoute({
  method: 'post',
  path: '/organizations',
  tags: ['Accounts'],
  summary: 'Make another organization, which has nothing in common with this one; audited there',
  middleware: requires('admin'),
  request: jsonBody(newOrganization),
  responses: {
    201: jsonAnswer(
      z
        .object({ id: z.string(), name: z.string(), invitationToken: z.string().nullable() })
        .openapi('Organization'),
      'The token is shown here alone: whoever has it becomes admin by `POST /auth/accept`.',
    ),
    ...errors(403, 409),
  },
});

/** Organizations, which are made here; `GET /auth/me` lists those that one belongs to. */
export function organizationRoutes(deps: ApiDeps) {
  return router().openapi(post, async (c) => {
    const { via, id: createdBy, email: own } = c.var.principal;
    const { id, name, email = via === 'person' ? own : undefined } = c.req.valid('json');
    if (email === undefined)
      throw invalidInput('an API key cannot be an admin of people: say whom to invite', [
        { field: 'email', problem: 'is missing' },
      ]);
    const createdAt = new Date();
    const of = { org: id, email, role: 'admin' } as const;
    const { token, invitation } = newInvitation({ ...of, createdBy }, createdAt);
    const isSelf = email === own;
    const first = isSelf ? { member: { ...of, person: createdBy, createdAt } } : { invitation };
    if (!(await deps.store.accounts.found({ id, name }, first, doneBy(c.var.principal))))
      throw new AppError('conflict', `there is an organization ${id} already`);
    return c.json({ id, name, invitationToken: isSelf ? null : token }, 201);
  });
}
