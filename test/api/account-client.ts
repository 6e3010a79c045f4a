import { createClient } from '../support/bursar.ts';
import type { ErrorBody } from './second-organization.ts';

export const EMAIL = 'admin@example.com';
export const PASSWORD = 'correct horse battery';
/** With them an API makes its first admin. */
export const FIRST_ADMIN = { ADMIN_EMAIL: EMAIL, ADMIN_PASSWORD: PASSWORD };

/** So long another process may take a token for valid that is revoked. */
export const MAX_AGE_MS = 1_100;

export interface SignedIn {
  access_token: string;
  token_type: string;
  expires_in: number;
}

/** Asks for a token, or for a refusal. */
export const logIn = (url: string, email = EMAIL, password = PASSWORD, more = {}) =>
  createClient(url, '').send<SignedIn & ErrorBody>('POST', '/auth/login', { email, password, ...more });

/** A client that brings the token of somebody who has signed in. */
export async function signedIn(url: string, email = EMAIL, password = PASSWORD, more = {}) {
  const { status, body } = await logIn(url, email, password, more);
  if (status !== 200) throw new Error(`not signed in: ${JSON.stringify(body)}`);
  return clientWith(url, body.access_token);
}

/** A client with a bearer token. */
export function clientWith(url: string, token: string) {
  const client = createClient(url, '');
  const bearer = { authorization: `Bearer ${token}` };
  const send = <T>(method: string, path: string, body?: unknown) =>
    client.send<T & ErrorBody>(method, path, body, bearer);
  return { token, send };
}
