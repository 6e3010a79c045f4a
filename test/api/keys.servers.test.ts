import { type Bursar, createClient, startBursar } from '../support/bursar.ts';

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
