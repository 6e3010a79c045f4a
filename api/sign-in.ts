import { randomBytes } from 'node:crypto';
import { getConnInfo } from '@hono/node-server/conninfo';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { AppError } from '../domain/errors.ts';
import type { Principal } from '../domain/principal.ts';
import type { ApiDeps, ApiEnv } from './deps.ts';

export const signedInSchema = z
  .object({
    access_token: z.string().openapi({
      description: 'A JSON web token for `Authorization: Bearer`; its claims name `org` and `roles`.',
    }),
    token_type: z.literal('bearer'),
    expires_in: z.number().int().openapi({ description: 'Seconds.' }),
  })
  .openapi('SignedIn');

export const emailSchema = z.string().trim().toLowerCase().max(254).pipe(z.email());
export const newPasswordSchema = z.string().min(12).max(200);
/** Of one that is there; what is longer is none. */
export const passwordSchema = z.string().min(1).max(200);
export const orgSchema = z.string().min(1).max(63);

/** Where a request comes from. */
export function addressOf(
  c: Context<ApiEnv>,
  { signIns: { trustsProxy } }: Pick<ApiDeps, 'signIns'>,
): string {
  // The last one is what the proxy itself has seen; those before it anybody can write.
  const forwarded = trustsProxy ? c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim() : undefined;
  return forwarded || getConnInfo(c).remote.address || 'unknown';
}

/**
 * Signs a person in to the organization named, else to the one where they have been longest.
 * @param until the end of the sign-in that this one replaces.
 * @throws AppError `not_allowed` where they do not belong to it, or to any.
 */
export async function signIn(
  c: Context<ApiEnv>,
  deps: ApiDeps,
  person: { _id: string; email: string },
  { org: wanted, until }: { org?: string | undefined; until?: Date } = {},
): Promise<z.infer<typeof signedInSchema>> {
  const { memberships, signIns } = deps.store;
  const { _id: id, email } = person;
  const member =
    wanted === undefined ? (await memberships.ofPerson(id))[0] : await memberships.find(wanted, id);
  if (member === undefined)
    throw new AppError('not_allowed', `you do not belong to ${wanted ?? 'any organization'}`);
  const { org, role } = member;
  const createdAt = new Date();
  const expiresAt = until ?? new Date(createdAt.getTime() + deps.signIns.forMs);
  const _id = `sgn_${randomBytes(12).toString('hex')}`;
  const address = addressOf(c, deps);
  const client = (c.req.header('user-agent') ?? '').slice(0, 200);
  await signIns.add({ _id, org, person: id, email, createdAt, expiresAt, address, client });
  return {
    access_token: await deps.signIns.tokens.make({ person: id, signIn: _id, org, role, email }, expiresAt),
    token_type: 'bearer',
    expires_in: Math.floor((expiresAt.getTime() - createdAt.getTime()) / 1000),
  };
}

/** Whose token it is; undefined where it is not valid, or where the sign-in or the membership is gone. */
export function ownerOfToken(deps: Pick<ApiDeps, 'signIns' | 'store'>) {
  return async (token: string): Promise<Principal | undefined> => {
    const { signIns, store } = deps;
    const claims = await signIns.tokens.read(token);
    if (claims === undefined) return undefined;
    const { org, person, signIn } = claims;
    const [found, member] = await Promise.all([
      store.signIns.find(org, signIn),
      store.memberships.find(org, person),
    ]);
    if (found?.person !== person || member === undefined) return undefined;
    return { org, role: member.role, via: 'person', id: person, email: member.email, signIn };
  };
}

/** @throws AppError `conflict` for an API key, which is nobody. */
export function personOf(principal: Principal): Principal & { signIn: string } {
  const { via, signIn } = principal;
  if (via !== 'person' || signIn === undefined)
    throw new AppError('conflict', 'only people sign in, and this is an API key');
  return { ...principal, signIn };
}
