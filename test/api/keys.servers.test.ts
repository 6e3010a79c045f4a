import { type Bursar, createClient, startBursar } from '../support/bursar.ts';
import { JOB_ROWS } from './job-routes.ts';
import { bodyOf, operationsOf } from './operations.ts';
import type { ErrorBody } from './second-organization.ts';

let bursar: Bursar;
beforeAll(async () => {
  bursar = await startBursar({ workers: 0 });
});
afterAll(() => bursar?.stop());

test('keys are audited when made and when revoked, with who did it and without the key', async () => {
  const { keys } = await bursar.client.get<{ keys: { id: string; revokedAt: null | string }[] }>('/keys');
  const made = await bursar.client.post<{ id: string; key: string }>('/keys', {
    name: 'a',
    role: 'viewer',
  });
  await bursar.client.send('DELETE', `/keys/${made.id}`);
  const page = await bursar.client.get<{ rows: { subject: string; by: string }[] }>('/audit?event=api_key');
  const rows = page.rows.filter(({ subject }) => subject === made.id);
  expect(rows).toEqual([
    expect.objectContaining({ details: { revoked: true } }),
    expect.objectContaining({ details: { made: { name: 'a', role: 'viewer' } } }),
  ]);
  expect(keys.map(({ id }) => id)).toContain(rows[0]?.by);
  expect(JSON.stringify(page)).not.toContain(made.key);
});

test('a key is refused a second after it has expired, and none is made for a time that is over', async () => {
  const make = (ms: number) =>
    bursar.client.send<{ key: string }>('POST', '/keys', {
      name: 'brief',
      role: 'viewer',
      expiresAt: new Date(Date.now() + ms).toISOString(),
    });
  expect((await make(-1000)).status).toBe(400);
  const client = createClient(bursar.client.url, (await make(2000)).body.key);
  expect((await client.send('GET', '/status')).status).toBe(200);
  await new Promise((resolve) => setTimeout(resolve, 3100));
  expect((await client.send('GET', '/status')).status).toBe(401);
});

interface Made {
  id: string;
  key: string;
}
const clientOf = ({ key }: Made) => createClient(bursar.client.url, key);
const make = (more: object) => bursar.client.post<Made>('/keys', { name: 'k', role: 'admin', ...more });

test('a key with a scope does what is in it and nothing else, and makes itself no other key', async () => {
  const client = clientOf(await make({ scope: ['jobs:write', 'budgets:read', 'keys:read'] }));
  const operations = await operationsOf(bursar);
  for (const operation of operations.filter(({ open }) => !open)) {
    const { method, template } = operation;
    const path = template.replaceAll(/\{\w+\}/g, 'no-such-id');
    const { status, body } = await client.send<ErrorBody>(method, path, bodyOf(operation));
    const area = template.split('/')[1] ?? '';
    const asks = ['/budgets/check', '/budgets/validate'].includes(template);
    const inScope =
      ['auth', 'status', 'jobs'].includes(area) ||
      (['budgets', 'keys'].includes(area) && (method === 'GET' || asks));
    const wanted = inScope ? 'in scope' : `needs the scope ${area}:`;
    const said = status === 403 ? body.error.message : 'in scope';
    expect([method, template, said]).toEqual([method, template, expect.stringContaining(wanted)]);
  }
  for (const scope of [['keys:write'], ['people:write'], ['jobs'], []]) {
    const { status, body } = await bursar.client.send<ErrorBody>('POST', '/keys', {
      name: 'k',
      role: 'viewer',
      scope,
    });
    expect([status, body.error.details?.[0]?.field]).toEqual([400, expect.stringMatching(/^scope/)]);
  }
  const viewer = clientOf(await make({ role: 'viewer', scope: ['jobs:write'] }));
  expect((await viewer.send<ErrorBody>('POST', '/jobs/ingest', JOB_ROWS)).body.error.message).toContain(
    'role',
  );
});

test('a key that is rotated is another one under the same id; the old one lasts for its grace', async () => {
  const made = await make({ role: 'viewer' });
  const statusOf = async (key: string) =>
    (await createClient(bursar.client.url, key).send('GET', '/status')).status;
  const second = await bursar.client.post<Made>(`/keys/${made.id}/rotate`, { graceSeconds: 2 });
  expect([await statusOf(made.key), await statusOf(second.key)]).toEqual([200, 200]);
  const third = await bursar.client.post<Made>(`/keys/${made.id}/rotate`, {});
  expect(third.id).toBe(made.id);
  expect([await statusOf(made.key), await statusOf(second.key), await statusOf(third.key)]).toEqual([
    401, 401, 200,
  ]);
  const fourth = await bursar.client.post<Made>(`/keys/${made.id}/rotate`, { graceSeconds: 1 });
  expect(await statusOf(third.key)).toBe(200);
  await new Promise((resolve) => setTimeout(resolve, 2100));
  expect([await statusOf(third.key), await statusOf(fourth.key)]).toEqual([401, 200]);
  type List = { keys: { id: string; lastUsedAt: string | null }[] };
  const { keys } = await bursar.client.get<List>('/keys');
  expect(Date.parse(keys.find(({ id }) => id === made.id)?.lastUsedAt ?? '')).toBeGreaterThan(
    Date.now() - 60_000,
  );
  await bursar.client.send('DELETE', `/keys/${made.id}`);
  expect((await bursar.client.send('POST', `/keys/${made.id}/rotate`, {})).status).toBe(404);
  const { rows } = await bursar.client.get<{ rows: { subject: string; details: object }[] }>(
    '/audit?event=api_key',
  );
  expect(
    rows.filter(({ subject }) => subject === made.id).map(({ details }) => Object.keys(details)[0]),
  ).toEqual([...['revoked', 'rotated', 'rotated', 'rotated', 'made']]);
});

test('keys are shown once: the list tells names, roles and limits alone', async () => {
  const { keys } = await bursar.client.get<{ keys: Record<string, unknown>[] }>('/keys');
  const fields = 'createdAt,expiresAt,id,lastUsedAt,name,revokedAt,role,scope';
  for (const key of keys) expect(Object.keys(key).toSorted().join()).toBe(fields);
});
