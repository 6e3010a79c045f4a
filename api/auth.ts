import { randomBytes } from 'node:crypto';
import { createMiddleware } from 'hono/factory';
import { AppError } from '../domain/errors.ts';
import { allows, type Role } from '../domain/principal.ts';
import type { ApiEnv } from './deps.ts';
import { sha256 } from './idempotency.ts';
import type { KeyCache } from './key-cache.ts';

/** A key is shown once and stored as its SHA-256: 192 random bits need no slow hash. */
export function hashKey(key: string): string {
  return sha256(key);
}

export function newKey(): string {
  return `bursar_${randomBytes(24).toString('base64url')}`;
}

/** Finds out who asks, from `X-API-Key` or a bearer token. */
export function authenticate(keys: KeyCache) {
  return createMiddleware<ApiEnv>(async (context, next) => {
    const bearer = /^Bearer (.+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
    const key = context.req.header('x-api-key') ?? bearer;
    if (key === undefined || key === '')
      throw new AppError('not_authenticated', 'send an API key in the header X-API-Key');
    const principal = await keys.ownerOf(key);
    if (principal === undefined) throw new AppError('not_authenticated', 'the API key is not known');
    context.set('principal', principal);
    await next();
  });
}

/** Lets only those pass whose role includes the one needed. */
export function requires(role: Role) {
  return createMiddleware<ApiEnv>(async (context, next) => {
    const principal = context.get('principal');
    if (!allows(principal.role, role))
      throw new AppError(
        'not_allowed',
        `this needs the role ${role}; the key has the role ${principal.role}`,
      );
    await next();
  });
}
