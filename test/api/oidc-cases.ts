import type { Bursar } from '../support/bursar.ts';
import { browse, type startOidcServer } from '../support/oidc-server.ts';
import { clientWith, EMAIL, logIn, type SignedIn, signedIn } from './account-client.ts';

interface Given {
  bursar: Bursar;
  url: string;
  oidc: Awaited<ReturnType<typeof startOidcServer>>;
  /** Of the first admin, as it is now. */
  password: string;
}

/** Of a Bursar that knows a provider, whose claim `groups` names roles. */
export function describeOidc(given: () => Given): void {
  describe('a provider of OpenID Connect', () => {
    const meAs = async (claims: object): Promise<Record<string, unknown>> => {
      const { url, oidc } = given();
      oidc.set.claims = { ...claims };
      const { answer } = await browse(url);
      const body = (await answer.json()) as SignedIn;
      if (answer.status !== 200) return { status: answer.status };
      const me = await clientWith(url, body.access_token).send<Record<string, unknown>>('GET', '/auth/me');
      return { status: answer.status, ...me.body };
    };

    test('lets people in with the role that it names, which is taken over each time', async () => {
      const anna = { sub: 'anna', email: 'Anna@Example.com', email_verified: true };
      expect(await meAs(anna)).toEqual({ status: 403 });
      const operator = await meAs({ ...anna, groups: ['staff', 'operator', 'viewer'] });
      expect(operator).toMatchObject({ email: 'anna@example.com', role: 'operator', org: 'default' });
      expect(await meAs({ ...anna, groups: 'viewer' })).toMatchObject({ id: operator.id, role: 'viewer' });
      // Who is in stays in, also under another address.
      expect(await meAs({ sub: 'anna' })).toMatchObject({ id: operator.id, role: 'viewer' });
      expect(await meAs({ sub: 'bert', email: 'bert@example.com', groups: 'viewer' })).toEqual({
        status: 403,
      });
    });

    test('is believed only in what it has signed for this sign-in, begun in this browser', async () => {
      const { url, oidc } = given();
      oidc.set.claims = { sub: 'carl', email: 'carl@example.com', email_verified: true, groups: 'admin' };
      const statusOf = async (
        ...how: Parameters<typeof browse> extends [string, ...infer Rest] ? Rest : never
      ) => (await browse(url, ...how)).answer.status;
      expect(await statusOf((back) => back.searchParams.set('state', 'other'))).toBe(401);
      expect(await statusOf((back) => back.searchParams.set('code', 'other'))).toBe(401);
      expect(await statusOf((back) => back.searchParams.set('iss', 'https://other.example.com'))).toBe(401);
      expect(await statusOf(undefined, false)).toBe(401);
      const [one, other] = [await browse(url), await browse(url)];
      const { searchParams } = other.back;
      searchParams.set('code', one.back.searchParams.get('code') ?? '');
      expect((await fetch(other.back, { headers: { cookie: one.cookie } })).status).toBe(401);
      oidc.set.strangeKey = true;
      expect(await statusOf()).toBe(401);
      oidc.set.strangeKey = false;
      oidc.set.nonce = 'another one';
      expect(await statusOf()).toBe(401);
      oidc.set.nonce = undefined;
      expect(await statusOf()).toBe(200);
      const { started } = one;
      expect(started.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Lax/);
    });

    test('takes over who is known by a verified address alone, and ends the password', async () => {
      const { url, bursar, password } = given();
      const before = await signedIn(url, EMAIL, password);
      expect(await meAs({ sub: 'boss', email: EMAIL, email_verified: false, groups: 'admin' })).toEqual({
        status: 403,
      });
      expect((await before.send('GET', '/auth/me')).status).toBe(200);
      const me = await meAs({ sub: 'boss', email: EMAIL, email_verified: true });
      expect(me).toMatchObject({ status: 200, email: EMAIL });
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      expect((await before.send('GET', '/auth/me')).status).toBe(401);
      expect((await logIn(url, EMAIL, password)).status).toBe(401);
      // Who belongs to another organization alone is refused, and loses nothing.
      const stranger = { sub: 'operator', email: 'operator@example.com', email_verified: true };
      expect(await meAs(stranger)).toEqual({ status: 403 });
      expect((await logIn(url, 'operator@example.com', 'operator password')).status).toBe(200);
      expect(await meAs({ sub: 'thief', email: EMAIL, email_verified: true })).toEqual({ status: 403 });
      const { rows } = await bursar.client.get<{ rows: { by: string }[] }>('/audit?event=person&limit=100');
      expect(rows.filter(({ by }) => by === 'oidc').length).toBeGreaterThan(2);
    });
  });
}
