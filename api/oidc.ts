import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { AppError } from '../domain/errors.ts';
import type { ApiDeps, ApiEnv, Oidc } from './deps.ts';
import { errors, errorsWithoutInput, jsonAnswer, router } from './http.ts';
import { personOfIdentity } from './oidc-person.ts';
import { signedInSchema, signIn } from './sign-in.ts';

const tags = ['Accounts'];
const PATH = '/api/v1/auth/oidc';
const COOKIE = 'bursar_oidc';
const MINUTES = 10;

const start = createRoute({
  method: 'get',
  path: '/auth/oidc/start',
  tags,
  summary: 'Sign in at the OIDC provider that is configured',
  security: [],
  request: { query: z.strictObject({ redirect: z.enum(['true', 'false']).default('true') }) },
  responses: {
    200: jsonAnswer(z.object({ url: z.string() }), 'With `redirect=false`: where to go on, with the cookie.'),
    302: { description: 'To the provider, with a cookie that the way back needs.' },
    ...errors(404, 503),
  },
});

const callback = createRoute({
  method: 'get',
  path: '/auth/oidc/callback',
  tags,
  summary: 'Where the OIDC provider sends people back; signs in',
  security: [],
  responses: { 200: jsonAnswer(signedInSchema, 'Signed in.'), ...errorsWithoutInput(403, 404) },
});

/** Signing in elsewhere, where that is configured. */
export function oidcRoutes(deps: ApiDeps) {
  return router()
    .openapi(start, async (c) => {
      const oidc = configured(deps);
      const { url, flow } = await oidc.client.start(redirectUriOf(c, oidc));
      const sealed = await deps.signIns.tokens.makeFor('oidc', { ...flow }, MINUTES * 60);
      const secure = redirectUriOf(c, oidc).startsWith('https:');
      // Lax: it comes along when the provider sends the browser back, and with no request of other sites.
      const how = { httpOnly: true, sameSite: 'Lax', path: PATH, maxAge: MINUTES * 60, secure } as const;
      setCookie(c, COOKIE, sealed, how);
      return c.req.valid('query').redirect === 'true' ? c.redirect(url, 302) : c.json({ url }, 200);
    })
    .openapi(callback, async (c) => {
      const oidc = configured(deps);
      const flow = await deps.signIns.tokens.readFor('oidc', getCookie(c, COOKIE) ?? '');
      deleteCookie(c, COOKIE, { path: PATH });
      const { state, nonce, verifier } = flow ?? {};
      if (typeof state !== 'string' || typeof nonce !== 'string' || typeof verifier !== 'string')
        throw new AppError('not_authenticated', 'the sign-in was not begun here, or took too long');
      const answer = new URL(redirectUriOf(c, oidc));
      answer.search = new URL(c.req.url).search;
      const identity = await oidc.client.finish(answer, { state, nonce, verifier });
      const person = await personOfIdentity(deps, oidc, identity);
      return c.json(await signIn(c, deps, person, { org: oidc.organization }), 200);
    });
}

function configured({ signIns: { oidc } }: ApiDeps): Oidc {
  if (oidc === undefined) throw new AppError('not_found', 'OIDC is not set up: OIDC_ISSUER is not set');
  return oidc;
}

/** The provider takes only addresses that it knows, so what a request says of itself does no harm. */
function redirectUriOf(c: Context<ApiEnv>, { redirectUri }: Oidc): string {
  return redirectUri ?? `${new URL(c.req.url).origin}${PATH}/callback`;
}
