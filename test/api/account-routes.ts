import { PASSWORD, type SignedIn } from './account-client.ts';

type Send = <T>(
  method: string,
  path: string,
  body?: unknown,
  headers?: object,
) => Promise<{ status: number; body: T }>;

export const INVITATION = { email: 'invited@example.com', role: 'viewer' };
export const LOGIN = { email: 'nobody@example.com', password: PASSWORD };
export const ACCEPTANCE = { token: 'invite_unknown', password: PASSWORD };
/** The organization that the test of roles takes. */
export const SWITCH = { org: 'roles' };
export const NEW_PASSWORD = { current: PASSWORD, new: 'another password' };

/** Each route of people and their sign-ins, once with success, and in the ways in which they alone refuse. */
export async function useAccountRoutes(send: Send): Promise<void> {
  const invite = async (email: string, role = 'viewer') =>
    (await send<{ id: string; token: string }>('POST', '/invitations', { email, role })).body;
  const accept = async (token: string, password = PASSWORD) => {
    const { body } = await send<SignedIn>('POST', '/auth/accept', { token, password });
    return { 'x-api-key': '', authorization: `Bearer ${body.access_token}` };
  };
  const withdrawn = await invite(INVITATION.email);
  await send('GET', '/invitations');
  // Nothing is configured here.
  for (const path of ['start', 'callback']) await send('GET', `/auth/oidc/${path}`);
  await send('DELETE', `/invitations/${withdrawn.id}`);
  const one = await accept((await invite('one@example.com', 'admin')).token);
  await useOwnRoutes(send, one);
  await send('POST', '/invitations', { email: 'one@example.com', role: 'viewer' });
  await accept((await invite('two@example.com', 'operator')).token);
  const { people } = (await send<{ people: { id: string; email: string }[] }>('GET', '/people')).body;
  const [first, second] = people.map(({ id }) => `/people/${id}`);
  await send('PATCH', `${second}`, { role: 'viewer' });
  await send('PATCH', `${first}`, { role: 'viewer' });
  await send('DELETE', `${first}`);
  await send('DELETE', `${second}/sessions`);
  await send('DELETE', `${second}`);
  const founded = { id: 'second', name: 'Second', email: 'three@example.com' };
  const { body } = await send<{ invitationToken: string }>('POST', '/organizations', founded);
  await send('POST', '/organizations', founded);
  await accept(body.invitationToken);
  const { token } = await invite(founded.email);
  // The address fails until it has to wait.
  for (let at = 0; at < 5; at += 1) await accept(token, 'wrong');
  await accept(token);
}

async function useOwnRoutes(send: Send, one: object): Promise<void> {
  await send('GET', '/auth/me', undefined, one);
  for (const org of ['default', 'elsewhere']) await send('POST', '/auth/switch', { org }, one);
  await send('POST', '/auth/password', NEW_PASSWORD, one);
  const login = { email: 'one@example.com', password: NEW_PASSWORD.new };
  await send('POST', '/auth/login', login);
  await send('POST', '/auth/login', { ...login, org: 'elsewhere' });
  type Sessions = { sessions: { id: string; current: boolean }[] };
  const { sessions } = (await send<Sessions>('GET', '/auth/sessions', undefined, one)).body;
  const other = sessions.find(({ current }) => !current);
  await send('DELETE', `/auth/sessions/${other?.id}`, undefined, one);
  for (let at = 0; at < 6; at += 1) await send('POST', '/auth/login', { ...login, password: 'wrong' });
  await send('POST', '/auth/password', NEW_PASSWORD, one);
  await send('POST', '/auth/logout', undefined, one);
  // An API key is nobody.
  await send('POST', '/auth/switch', SWITCH);
  await send('POST', '/auth/password', NEW_PASSWORD);
  await send('POST', '/auth/logout');
}
