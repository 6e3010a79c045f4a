import { setTimeout as sleep } from 'node:timers/promises';
import { SignJWT } from 'jose';
import { describeAccountCommands } from '../cli/account-cases.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { type MailServer, startMailServer } from '../support/mail-server.ts';
import { startOidcServer } from '../support/oidc-server.ts';
import {
  clientWith,
  EMAIL,
  FIRST_ADMIN,
  logIn,
  MAX_AGE_MS,
  PASSWORD,
  type SignedIn,
  signedIn,
} from './account-client.ts';
import { describeOidc } from './oidc-cases.ts';
import { describePeople } from './people-cases.ts';
import { type OpenStore, openStore } from './second-organization.ts';

const SECRET = 'a secret of this test, which signs its tokens';

let bursar: Bursar;
let opened: OpenStore;
let mail: MailServer;
let oidc: Awaited<ReturnType<typeof startOidcServer>>;
let url: string;
let other: string;

beforeAll(async () => {
  oidc = await startOidcServer();
  mail = await startMailServer();
  bursar = await startBursar({
    workers: 0,
    apis: 2,
    environment: {
      ...FIRST_ADMIN,
      ...oidc.environment,
      OIDC_ROLE_CLAIM: 'groups',
      SMTP_HOST: '127.0.0.1',
      SMTP_PORT: String(mail.port),
      BURSAR_AUTH_SECRET: SECRET,
      BURSAR_TRUST_PROXY: 'true',
    },
  });
  [url, other] = bursar.clients.map((client) => client.url) as [string, string];
  opened = await openStore(bursar);
}, 60_000);
afterAll(async () => {
  await opened?.close();
  await bursar?.stop();
  oidc?.stop();
  await mail?.stop();
});

const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;

describe('who signs in', () => {
  test('as JSON or as a form, gets a token that carries the roles and opens what the role may', async () => {
    const json = (await logIn(url)).body;
    const form = await fetch(`${url}/api/v1/auth/login`, {
      method: 'POST',
      body: new URLSearchParams({
        username: 'Admin@Example.com ',
        password: PASSWORD,
        grant_type: 'password',
      }),
    });
    const fromForm = (await form.json()) as SignedIn;
    for (const answer of [json, fromForm]) {
      expect(answer).toEqual({ access_token: expect.any(String), token_type: 'bearer', expires_in: 3600 });
      expect(claimsOf(answer.access_token)).toMatchObject({ org: 'default', roles: ['admin'], email: EMAIL });
      const client = clientWith(other, answer.access_token);
      expect((await client.send('GET', '/auth/me')).body).toMatchObject({
        via: 'person',
        email: EMAIL,
        org: 'default',
        role: 'admin',
        organizations: [{ id: 'default', name: 'Default', role: 'admin' }],
      });
      expect((await client.send('GET', '/keys')).status).toBe(200);
      expect((await client.send('POST', '/holds', { amountUsd: 1 })).status).toBe(201);
    }
  });

  test('with a wrong address is answered as with a wrong password, in the same time', async () => {
    const timed = async (email: string, password: string) => {
      const startedAt = performance.now();
      const { status, body } = await logIn(url, email, password);
      expect([status, body.error.code, body.error.message]).toEqual([
        401,
        'not_authenticated',
        'the e-mail address or the password is wrong',
      ]);
      return performance.now() - startedAt;
    };
    const unknown: number[] = [];
    const known: number[] = [];
    for (let at = 0; at < 3; at += 1) {
      unknown.push(await timed(`nobody${at}@example.com`, PASSWORD));
      known.push(await timed(EMAIL, `${PASSWORD}${at}`));
    }
    await logIn(url);
    // Each derives one key, which takes most of the time.
    expect(Math.min(...unknown)).toBeGreaterThan(Math.min(...known) / 2);
    expect((await logIn(url, EMAIL, '')).status).toBe(400);
    expect((await fetch(`${url}/api/v1/auth/login`, { method: 'POST' })).status).toBe(400);
  });

  test('too often in vain waits, over all processes, also with the right password', async () => {
    const email = 'victim@example.com';
    const tries = Array.from({ length: 12 }, (_, at) => logIn(at % 2 ? url : other, email, 'wrong'));
    const statuses = (await Promise.all(tries)).map(({ status }) => status).toSorted();
    expect(statuses).toEqual([...Array(5).fill(401), ...Array(7).fill(429)]);
    const { status, headers, body } = await logIn(other, email, PASSWORD);
    expect([status, body.error.code]).toEqual([429, 'too_many_attempts']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(800);
    expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(900);
    expect((await logIn(url)).status).toBe(200);
  });

  test('from one network address waits, too, however many names are tried, and nobody else', async () => {
    const from = (address: string, email: string) =>
      fetch(`${url}/api/v1/auth/login`, {
        method: 'POST',
        headers: { 'x-forwarded-for': `203.0.113.250, ${address}`, 'content-type': 'application/json' },
        body: JSON.stringify({ email, password: email === EMAIL ? PASSWORD : 'wrong' }),
      }).then(({ status }) => status);
    const tries = await Promise.all(
      Array.from({ length: 22 }, (_, at) => from('203.0.113.7', `${at}@b.com`)),
    );
    expect(tries.toSorted()).toEqual([...Array(20).fill(401), 429, 429]);
    expect(await from('203.0.113.7', EMAIL)).toBe(429);
    expect(await from('203.0.113.8', EMAIL)).toBe(200);
  });
});

describe('a token', () => {
  test('that was changed, signed by others or not at all, or is over, opens nothing', async () => {
    const { token } = await signedIn(url);
    const [head, body, signature] = token.split('.') as [string, string, string];
    const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const forged = new SignJWT(claimsOf(token)).setProtectedHeader({ alg: 'HS256' });
    const bad = [
      `${head}.${encoded({ ...claimsOf(token), org: 'else' })}.${signature}`,
      `${encoded({ alg: 'none' })}.${body}.`,
      `${encoded({ alg: 'none' })}.${body}.${signature}`,
      await forged.sign(Buffer.from('another secret, of the same length as that')),
      await forged.sign(Buffer.from(SECRET)),
    ];
    for (const each of bad) {
      const { status } = await clientWith(url, each).send('GET', '/auth/me');
      expect([each, status]).toEqual([each, 401]);
    }
    expect((await clientWith(url, token).send('GET', '/auth/me')).status).toBe(200);
    await opened.store.signIns.model.updateMany({}, { $set: { expiresAt: new Date(0) } });
    await sleep(MAX_AGE_MS);
    expect((await clientWith(url, token).send('GET', '/auth/me')).status).toBe(401);
  });

  test('of a sign-in that is ended is refused at once, and by another process within a second', async () => {
    const first = await signedIn(url);
    const second = await signedIn(url);
    const elsewhere = clientWith(other, second.token);
    expect((await elsewhere.send('GET', '/auth/me')).status).toBe(200);
    type Sessions = { sessions: { id: string; current: boolean }[] };
    const { sessions } = (await first.send<Sessions>('GET', '/auth/sessions')).body;
    expect(sessions.map(({ current }) => current)).toEqual([false, true]);
    expect((await first.send('DELETE', `/auth/sessions/${sessions[0]?.id}`)).status).toBe(204);
    expect((await first.send('DELETE', `/auth/sessions/${sessions[0]?.id}`)).status).toBe(404);
    expect((await second.send('GET', '/auth/me')).status).toBe(401);
    await sleep(MAX_AGE_MS);
    expect((await elsewhere.send('GET', '/auth/me')).status).toBe(401);
    expect((await first.send('POST', '/auth/logout')).status).toBe(204);
    expect((await first.send('GET', '/auth/me')).status).toBe(401);
  });

  test('for another organization needs that one belongs to it, and ends with the first', async () => {
    const first = await signedIn(url);
    await opened.store.organizations.ensure('branch', 'Branch');
    expect((await first.send('POST', '/auth/switch', { org: 'branch' })).status).toBe(403);
    expect((await logIn(url, EMAIL, PASSWORD, { org: 'branch' })).status).toBe(403);
    const person = String(claimsOf(first.token).sub);
    const at = new Date();
    const member = { org: 'branch', person, email: EMAIL, role: 'viewer', createdAt: at } as const;
    await opened.store.accounts.join(member, undefined, { id: 'x', by: 'system', at });
    const { body } = await first.send<SignedIn>('POST', '/auth/switch', { org: 'branch' });
    expect(body.expires_in).toBeLessThanOrEqual(3600);
    expect(Number(claimsOf(body.access_token).exp)).toBeLessThanOrEqual(Number(claimsOf(first.token).exp));
    const there = clientWith(url, body.access_token);
    expect((await there.send('GET', '/auth/me')).body).toMatchObject({ org: 'branch', role: 'viewer' });
    expect((await there.send('GET', '/keys')).body.error.message).toBe(
      'this needs the role admin; you have the role viewer',
    );
    expect((await signedIn(url, EMAIL, PASSWORD, { org: 'branch' })).token).toBeDefined();
  });
});

test('a new password ends all other sign-ins, needs the old one, and takes its place', async () => {
  const first = await signedIn(url);
  const second = await signedIn(url);
  const change = (current: string, wanted: string) =>
    first.send('POST', '/auth/password', { current, new: wanted });
  expect((await change(PASSWORD, 'eleven char')).body.error.details).toEqual([
    { field: 'new', problem: expect.stringContaining('12') },
  ]);
  expect((await change('wrong', 'a new password')).status).toBe(400);
  expect((await change(PASSWORD, 'a new password')).status).toBe(204);
  expect((await second.send('GET', '/auth/me')).status).toBe(401);
  expect((await first.send('GET', '/auth/me')).status).toBe(200);
  expect((await logIn(url)).status).toBe(401);
  expect((await logIn(url, EMAIL, 'a new password')).status).toBe(200);
  const { status } = await bursar.client.send('POST', '/auth/password', { current: 'x', new: PASSWORD });
  expect(status).toBe(409);
});

test('two processes that start at once make one first admin, and tell the audit log once', async () => {
  const people = await opened.store.people.model.find().lean();
  expect(people.map(({ email }) => email)).toEqual([EMAIL]);
  expect(people[0]?.passwordHash).toMatch(/^scrypt\$16384\$16\$1\$/);
  const { rows } = await bursar.client.get<{ rows: object[] }>('/audit?event=person');
  expect(rows).toEqual([
    expect.objectContaining({ by: 'system', details: { what: 'joined', email: EMAIL, role: 'admin' } }),
  ]);
});

describePeople(() => ({ bursar, opened, url, other, mail }));
describeAccountCommands(() => ({ url, password: 'a new password' }));
describeOidc(() => ({ bursar, url, oidc, password: 'a new password' }));
