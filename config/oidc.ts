import { invalidInput } from '../domain/errors.ts';
import { given } from '../domain/given.ts';
import type { Environment } from './environment.ts';

/**
 * Where people sign in, if that is elsewhere.
 * @throws AppError `invalid_input` where something is missing.
 */
export function oidcSettings(environment: Environment) {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = environment;
  if (issuer === undefined) return undefined;
  if (clientId === undefined || clientSecret === undefined)
    throw invalidInput('OIDC_ISSUER needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET beside it');
  return {
    client: given({ issuer, clientId, clientSecret, roleClaim: environment.OIDC_ROLE_CLAIM }),
    rest: given({
      organization: environment.BURSAR_DEFAULT_ORGANIZATION,
      redirectUri: environment.OIDC_REDIRECT_URI,
      defaultRole: environment.OIDC_DEFAULT_ROLE,
    }),
  };
}
