import { randomBytes } from 'node:crypto';
import { createMiddleware } from 'hono/factory';
import { AppError } from '../domain/errors.ts';
import { isInScope, scopeNeeded } from '../domain/key-scope.ts';
import { allows, type Principal, type Role } from '../domain/principal.ts';
import type { ApiEnv } from './deps.ts';
import { sha256 } from './idempotency.ts';
import type { KeyCache } from './key-cache.ts';
import { looksLikeToken } from './tokens.ts';

/** A key is shown once and stored as its SHA-256: 192 random bits need no slow hash. */
export function hashKey(key: string): string {
  return sha256(key);
}

export function newKey(): string {
  return `bursar_${randomBytes(24).toString('base64url')}`;
}

/** How people come in who have nothing yet to show. */
const BASE = '/api/v1';
const OPEN: ReadonlySet<string> = new Set(
  ['login', 'accept', 'oidc/start', 'oidc/callback'].map((path) => `${BASE}/auth/${path}`),
);

/** Finds out who asks, from `X-API-Key` or a bearer token: an API key, or what signing in has brought. */
export function authenticate(keys: KeyCache) {
  return createMiddleware<ApiEnv>(async (context, next) => {
    if (OPEN.has(context.req.path)) return next();
    const bearer = /^Bearer (.+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
    const key = context.req.header('x-api-key') || bearer;
    if (key === undefined || key === '')
      throw new AppError('not_authenticated', 'send an API key in the header X-API-Key, or sign in');
    const principal = await keys.ownerOf(key);
    if (principal === undefined) throw new AppError('not_authenticated', notValid(key));
    assertInScope(principal, context.req.method, context.req.path);
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
        `this needs the role ${role}; ${whoHas(principal)} the role ${principal.role}`,
      );
    await next();
  });
}

/** Keys may be limited to parts of the API, whatever their role. */
function assertInScope({ scope }: Principal, method: string, path: string): void {
  const needed = scopeNeeded(method, path.slice(BASE.length));
  if (isInScope(scope, needed)) return;
  const has = scope?.join(', ') ?? '';
  throw new AppError('not_allowed', `this needs the scope ${needed}; the key is limited to ${has}`);
}

function whoHas({ via }: Principal): string {
  return via === 'person' ? 'you have' : 'the key has';
}

function notValid(key: string): string {
  return looksLikeToken(key)
    ? 'the token is not valid, or no more: sign in again'
    : 'the API key is not known';
}
