import { type Bursar, startBursar } from '../support/bursar.ts';

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
