import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import type { Role } from '../domain/principal.ts';

const ALGORITHM = 'HS256';
const ISSUER = 'bursar';

/** What a token says of whoever brings it. It holds only as long as the sign-in that it names is there. */
export interface TokenClaims {
  person: string;
  signIn: string;
  org: string;
}

/** Tokens that this installation has signed: JSON web tokens, for whoever may read the roles in them. */
export function createTokens(secret: Uint8Array) {
  return {
    async make(claims: TokenClaims & { role: Role; email: string }, expiresAt: Date): Promise<string> {
      const { person, signIn, org, role, email } = claims;
      return new SignJWT({ sid: signIn, org, email, roles: [role] })
        .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
        .setIssuer(ISSUER)
        .setAudience('api')
        .setSubject(person)
        .setIssuedAt()
        .setExpirationTime(Math.floor(expiresAt.getTime() / 1000))
        .sign(secret);
    },
    /** Undefined for what was not signed here, was changed, or is over. */
    async read(token: string): Promise<TokenClaims | undefined> {
      const { sub, sid, org } = (await verified(token, secret, 'api')) ?? {};
      if (sub === undefined || typeof sid !== 'string' || typeof org !== 'string') return undefined;
      return { person: sub, signIn: sid, org };
    },
    /** For something else than to ask the API. */
    async makeFor(audience: 'oidc', claims: JWTPayload, seconds: number): Promise<string> {
      return new SignJWT(claims)
        .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
        .setIssuer(ISSUER)
        .setAudience(audience)
        .setExpirationTime(`${seconds} s`)
        .sign(secret);
    },
    async readFor(audience: 'oidc', token: string): Promise<JWTPayload | undefined> {
      return verified(token, secret, audience);
    },
  };
}

export type Tokens = ReturnType<typeof createTokens>;

/** Whether it is written like a token, as no API key is that was made here. */
export function looksLikeToken(text: string): boolean {
  return /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/.test(text);
}

async function verified(
  token: string,
  secret: Uint8Array,
  audience: string,
): Promise<JWTPayload | undefined> {
  const expected = { algorithms: [ALGORITHM], issuer: ISSUER, audience, requiredClaims: ['exp'] };
  try {
    return (await jwtVerify(token, secret, expected)).payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}
