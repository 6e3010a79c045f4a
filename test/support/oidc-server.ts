import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

const OIDC_CLIENT = { OIDC_CLIENT_ID: 'bursar', OIDC_CLIENT_SECRET: 'a secret of the client' };

interface Grant {
  challenge: string;
  nonce: string;
  redirectUri: string;
}

/**
 * A provider of OpenID Connect that signs everybody in at once as whom `claims` says, and is strict about all
 * else: client and secret, a code used once, its address, and PKCE.
 */
export async function startOidcServer() {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const strange = (await generateKeyPair('RS256')).privateKey;
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' };
  const grants = new Map<string, Grant>();
  const set = {
    /** Of whoever is signed in next. */
    claims: {} as Record<string, unknown>,
    /** Signs with a key that is not its own. */
    strangeKey: false,
    nonce: undefined as string | undefined,
    /** How often it fails before it says who it is. */
    failures: 0,
  };

  function authorize(query: URLSearchParams): string {
    const code = randomBytes(8).toString('hex');
    const of = (name: string) => query.get(name) ?? '';
    if (of('code_challenge_method') !== 'S256' || of('client_id') !== OIDC_CLIENT.OIDC_CLIENT_ID)
      throw new Error('not asked as agreed');
    const redirectUri = of('redirect_uri');
    grants.set(code, { challenge: of('code_challenge'), nonce: of('nonce'), redirectUri });
    return `${redirectUri}?${new URLSearchParams({ code, state: of('state'), iss: issuer })}`;
  }

  async function token(
    form: URLSearchParams,
    authorization: string | undefined,
  ): Promise<object | undefined> {
    const code = form.get('code') ?? '';
    const grant = grants.get(code);
    grants.delete(code);
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const { OIDC_CLIENT_ID: id, OIDC_CLIENT_SECRET: secret } = OIDC_CLIENT;
    const pair = `${id}:${encodeURIComponent(secret).replaceAll('%20', '+')}`;
    const basic = `Basic ${Buffer.from(pair).toString('base64')}`;
    const isClient = authorization === basic || form.get('client_secret') === secret;
    if (!isClient || grant?.challenge !== challenge || grant.redirectUri !== form.get('redirect_uri'))
      return undefined;
    const idToken = await new SignJWT({ ...set.claims, nonce: set.nonce ?? grant.nonce })
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .setIssuer(issuer)
      .setAudience(id)
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(set.strangeKey ? strange : privateKey);
    return { access_token: 'opaque', token_type: 'Bearer', id_token: idToken, expires_in: 300 };
  }

  const server = createServer(async (request, response) => {
    const json = (body: object, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const { pathname, searchParams } = new URL(request.url ?? '', issuer);
    if (pathname === '/jwks') return json({ keys: [jwk] });
    if (pathname === '/authorize')
      return response.writeHead(302, { location: authorize(searchParams) }).end();
    if (pathname === '/token') {
      const granted = await token(new URLSearchParams(await textOf(request)), request.headers.authorization);
      return granted === undefined ? json({ error: 'invalid_grant' }, 400) : json(granted);
    }
    set.failures -= 1;
    if (set.failures >= 0) return json({}, 500);
    return json({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      response_types_supported: ['code'],
      id_token_signing_alg_values_supported: ['RS256'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the provider has no port');
  const issuer = `http://127.0.0.1:${address.port}`;
  return {
    set,
    environment: { OIDC_ISSUER: issuer, ...OIDC_CLIENT },
    stop: () => server.close(),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

/** As a browser does: goes to the provider and back, with its cookie. @returns the answer at the end. */
export async function browse(apiUrl: string, change: (back: URL) => void = () => {}, keepsCookie = true) {
  const started = await fetch(`${apiUrl}/api/v1/auth/oidc/start`, { redirect: 'manual' });
  const cookie = (started.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const sent = await fetch(started.headers.get('location') ?? '', { redirect: 'manual' });
  const back = new URL(sent.headers.get('location') ?? '');
  change(back);
  const headers: Record<string, string> = keepsCookie ? { cookie } : {};
  return { back, cookie, answer: await fetch(back, { headers }), started };
}
