import { setTimeout as sleep } from 'node:timers/promises';
import type { Bursar } from '../support/bursar.ts';
import type { MailServer } from '../support/mail-server.ts';
import { clientWith, EMAIL, logIn, MAX_AGE_MS, type SignedIn, signedIn } from './account-client.ts';
import type { OpenStore } from './second-organization.ts';

interface Given {
  bursar: Bursar;
  opened: OpenStore;
  /** Two processes of the API. */
  url: string;
  other: string;
  mail: MailServer;
}

/** Of a Bursar with its first admin. */
export function describePeople(given: () => Given): void {
  describe('people of an organization', () => {
    let { bursar, opened, url, other, mail } = {} as Given;
    beforeAll(() => {
      ({ bursar, opened, url, other, mail } = given());
    });

    type Invited = { id: string; token: string };
    const invite = async (email: string, role: string) =>
      (await bursar.client.send<Invited>('POST', '/invitations', { email, role })).body;
    const accept = (token: string, password: string) =>
      clientWith(url, '').send<SignedIn>('POST', '/auth/accept', { token, password });
    const idOf = async (email: string) =>
      (await bursar.client.get<{ people: { id: string; email: string }[] }>('/people')).people.find(
        (person) => person.email === email,
      )?.id ?? '';

    test('come in by an invitation, once, with a password of their own', async () => {
      const { id, token } = await invite('Operator@Example.com', 'operator');
      const { invitations } = await bursar.client.get<{ invitations: object[] }>('/invitations');
      expect(invitations).toEqual([expect.objectContaining({ id, email: 'operator@example.com' })]);
      expect([mail.mails[0]?.to].flat()[0]?.text).toBe('operator@example.com');
      expect(mail.mails[0]?.text).toContain(token);
      expect((await accept(token, 'too short')).status).toBe(400);
      const both = await Promise.all([
        accept(token, 'operator password'),
        accept(token, 'operator password'),
      ]);
      expect(both.map(({ status }) => status).toSorted()).toEqual([200, 404]);
      expect((await accept(token, 'operator password')).status).toBe(404);
      const operator = await signedIn(url, 'operator@example.com', 'operator password');
      expect((await operator.send('GET', '/auth/me')).body).toMatchObject({
        role: 'operator',
        org: 'default',
      });
      expect((await operator.send('GET', '/people')).status).toBe(403);
      expect((await bursar.client.send('POST', '/invitations', { email: EMAIL, role: 'admin' })).status).toBe(
        409,
      );
    });

    test('are not let in by an invitation that is withdrawn, replaced or over', async () => {
      const first = await invite('late@example.com', 'viewer');
      const second = await invite('late@example.com', 'viewer');
      expect((await accept(first.token, 'a long password')).status).toBe(404);
      expect((await bursar.client.send('DELETE', `/invitations/${second.id}`)).status).toBe(204);
      expect((await accept(second.token, 'a long password')).status).toBe(404);
      const third = await invite('late@example.com', 'viewer');
      await opened.store.invitations.model.updateMany({}, { $set: { expiresAt: new Date(0) } });
      expect((await accept(third.token, 'a long password')).status).toBe(404);
    });

    test('who are known must give their password: an invitation is no way to take them over', async () => {
      const client = await opened.keyOf('elsewhere', 'admin');
      const made = await fetch(`${url}/api/v1/invitations`, {
        method: 'POST',
        headers: { 'x-api-key': client, 'content-type': 'application/json' },
        body: JSON.stringify({ email: 'operator@example.com', role: 'viewer' }),
      });
      const { token } = (await made.json()) as Invited;
      expect((await accept(token, 'chosen by a stranger')).status).toBe(401);
      const { status, body } = await accept(token, 'operator password');
      expect(status).toBe(200);
      const there = clientWith(url, body.access_token);
      expect((await there.send('GET', '/auth/me')).body).toMatchObject({ org: 'elsewhere', role: 'viewer' });
    });

    test('have the role that they have now, not that of their token, and none once removed', async () => {
      const { token } = await signedIn(url, 'operator@example.com', 'operator password');
      const here = clientWith(url, token);
      const there = clientWith(other, token);
      const id = await idOf('operator@example.com');
      expect((await there.send('POST', '/holds', { amountUsd: 1 })).status).toBe(201);
      expect((await bursar.client.send('PATCH', `/people/${id}`, { role: 'viewer' })).body).toMatchObject({
        email: 'operator@example.com',
        role: 'viewer',
      });
      expect((await here.send('POST', '/holds', { amountUsd: 1 })).status).toBe(403);
      await sleep(MAX_AGE_MS);
      expect((await there.send('POST', '/holds', { amountUsd: 1 })).status).toBe(403);
      expect((await bursar.client.send('DELETE', `/people/${id}/sessions`)).status).toBe(204);
      expect((await here.send('GET', '/auth/me')).status).toBe(401);
      const again = await signedIn(url, 'operator@example.com', 'operator password', { org: 'default' });
      expect((await bursar.client.send('DELETE', `/people/${id}`)).status).toBe(204);
      expect((await again.send('GET', '/auth/me')).status).toBe(401);
      expect((await bursar.client.send('DELETE', `/people/${id}`)).status).toBe(404);
      // Elsewhere they still are somebody.
      expect((await logIn(url, 'operator@example.com', 'operator password')).status).toBe(200);
    });

    test('always have an admin, also where two remove each other at the same time', async () => {
      const { token } = await invite('second@example.com', 'admin');
      await accept(token, 'second password');
      const ids = [await idOf(EMAIL), await idOf('second@example.com')];
      const outcomes = await Promise.all(
        ids.map((id) => bursar.client.send('PATCH', `/people/${id}`, { role: 'viewer' })),
      );
      expect(outcomes.map(({ status }) => status).toSorted()).toEqual([200, 409]);
      const left = ids[outcomes.findIndex(({ status }) => status === 409)];
      expect((await bursar.client.send('DELETE', `/people/${left}`)).status).toBe(409);
      for (const id of ids) await bursar.client.send('PATCH', `/people/${id}`, { role: 'admin' });
    });

    test('and every change of them stand in the audit log, with who made it, and no secret', async () => {
      const { rows } = await bursar.client.get<{
        rows: { by: string; details: { what: string; email: string } }[];
      }>('/audit?event=person&limit=100');
      const operator = rows.filter(({ details }) => details.email === 'operator@example.com').toReversed();
      expect(operator.map(({ details }) => details)).toEqual([
        { what: 'invited', email: 'operator@example.com', role: 'operator' },
        { what: 'joined', email: 'operator@example.com', role: 'operator' },
        { what: 'role', email: 'operator@example.com', role: 'viewer', before: 'operator' },
        { what: 'signed_out', email: 'operator@example.com' },
        { what: 'removed', email: 'operator@example.com', role: 'viewer' },
      ]);
      expect(operator.map(({ by }) => by.split('_')[0])).toEqual(['key', 'per', 'key', 'key', 'key']);
      expect(rows.map(({ details }) => details.what)).toContain('withdrawn');
      expect(JSON.stringify(rows)).not.toMatch(/invite_|scrypt|password/);
    });
  });
}
