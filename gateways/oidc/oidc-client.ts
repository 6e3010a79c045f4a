import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { AppError } from '../../domain/errors.ts';
import { given } from '../../domain/given.ts';
import { ROLES, type Role } from '../../domain/principal.ts';

export interface OidcSettings {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** The claim that names roles of ours, alone or in a list; the highest counts. */
  roleClaim?: string;
}

/** What must come back with the answer; kept by the browser meanwhile. */
export interface OidcFlow {
  state: string;
  nonce: string;
  verifier: string;
}

/** Whom the provider has signed in. */
export interface OidcIdentity {
  /** Unique over all providers. */
  subject: string;
  /** In small letters; only where the provider says that it has been verified. */
  email?: string;
  role?: Role;
}

export type OidcClient = ReturnType<typeof createOidcClient>;

const LOOPBACK = /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:|\/|$)/;
const TIMEOUT_SECONDS = 10;

/** Signs people in at a provider of OpenID Connect: authorization code with PKCE, state and nonce. */
export function createOidcClient({ issuer, clientId, clientSecret, roleClaim }: OidcSettings) {
  let known: Promise<Configuration> | undefined;

  /** What the provider says of itself, asked once; a failure is asked again. */
  function configuration(): Promise<Configuration> {
    if (known !== undefined) return known;
    // Signatures of ID tokens, too, which the library takes for granted when TLS stands behind them.
    const execute = [enableNonRepudiationChecks, ...(LOOPBACK.test(issuer) ? [allowInsecureRequests] : [])];
    const options = { execute, timeout: TIMEOUT_SECONDS };
    const asked = discovery(new URL(issuer), clientId, clientSecret, undefined, options);
    known = asked;
    asked.catch(() => {
      known = undefined;
    });
    return asked;
  }

  return {
    /** @throws AppError `services_unavailable` where the provider cannot be asked who it is. */
    async start(redirectUri: string): Promise<{ url: string; flow: OidcFlow }> {
      const config = await configuration().catch((cause: unknown) => {
        throw new AppError('services_unavailable', 'the OIDC provider does not answer', { cause });
      });
      const flow = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
      const url = buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: 'openid email profile',
        code_challenge: await calculatePKCECodeChallenge(flow.verifier),
        code_challenge_method: 'S256',
        state: flow.state,
        nonce: flow.nonce,
      });
      return { url: url.href, flow };
    },
    /**
     * @param answer the address that the provider has sent the browser to.
     * @throws AppError `not_authenticated` for an answer that is not the provider's to this flow.
     */
    async finish(answer: URL, { state, nonce, verifier }: OidcFlow): Promise<OidcIdentity> {
      const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier };
      try {
        const config = await configuration();
        const tokens = await authorizationCodeGrant(config, answer, { ...checks, idTokenExpected: true });
        const claims = tokens.claims();
        if (claims === undefined) throw new Error('there is no ID token');
        const asked = config.serverMetadata().userinfo_endpoint !== undefined && claims.email === undefined;
        const more = asked ? await fetchUserInfo(config, tokens.access_token, claims.sub) : {};
        return identityOf(`${claims.iss}|${claims.sub}`, { ...more, ...claims }, roleClaim);
      } catch (cause) {
        throw new AppError('not_authenticated', 'the OIDC provider has not confirmed the sign-in', { cause });
      }
    },
  };
}

function identityOf(
  subject: string,
  claims: Record<string, unknown>,
  roleClaim: string | undefined,
): OidcIdentity {
  const isVerified = claims.email_verified === true && typeof claims.email === 'string';
  const named = roleClaim === undefined ? [] : [claims[roleClaim]].flat();
  const role = ROLES.toReversed().find((each) => named.includes(each));
  return given({ subject, email: isVerified ? String(claims.email).toLowerCase() : undefined, role });
}
