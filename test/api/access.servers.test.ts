import { type Bursar, createClient, startBursar } from '../support/bursar.ts';
import { SHOP } from '../support/shop.ts';
import { PASSWORD } from './account-client.ts';
import { INVITATION } from './account-routes.ts';
import { bodyOf, type Operation, OWNERS, operationsOf } from './operations.ts';
import { type OwnThings, ownThings } from './own-things.ts';
import { clientOf, type ErrorBody, type OpenStore, openStore, someoneOf } from './second-organization.ts';
import { isKeys, mayDo } from './who-may.ts';

let bursar: Bursar;
let opened: OpenStore;
let operations: Operation[];

beforeAll(async () => {
  bursar = await startBursar({ workers: 0, environment: { ENRICHMENT_WORKER_ENABLED: 'false' } });
  opened = await openStore(bursar);
  operations = await operationsOf(bursar);
});
afterAll(async () => {
  await opened.close();
  await bursar.stop();
});

const pathOf = (template: string, id: string) =>
  template
    .replace('{id}', id)
    .replace('{provider}', 'openai')
    .replace('{label}', 'S1')
    .replace('{object}', 'model.a.b')
    .replace('{version}', '1');
describe('who may come in', () => {
  test('nobody without a key, or with one that is not known, on any route', async () => {
    const open = operations.filter((operation) => operation.open).map(({ template }) => template);
    expect(open).toEqual(['/auth/login', '/auth/accept', '/auth/oidc/start', '/auth/oidc/callback']);
    for (const { method, template } of operations.filter((operation) => !operation.open))
      for (const key of ['', 'bursar_unknown']) {
        const client = createClient(bursar.client.url, key);
        const { status, body } = await client.send<ErrorBody>(method, pathOf(template, 'x'));
        const got = [method, template, status, body.error.code];
        expect(got).toEqual([method, template, 401, 'not_authenticated']);
      }
  });

  test('not even to find out which routes there are', async () => {
    const { status } = await createClient(bursar.client.url, 'wrong').send('GET', '/no-such-route');
    expect(status).toBe(401);
  });

  test('whoever sends the key in X-API-Key or as a bearer token', async () => {
    const url = `${bursar.client.url}/api/v1/status`;
    const send = async (headers: Record<string, string>) => (await fetch(url, { headers })).status;
    expect(await send({ 'X-API-Key': bursar.key })).toBe(200);
    expect(await send({ authorization: `Bearer ${bursar.key}` })).toBe(200);
    expect(await send({ authorization: `bearer ${bursar.key}` })).toBe(200);
    expect(await send({ authorization: `Basic ${bursar.key}` })).toBe(401);
  });

  test('a revoked key at once no more', async () => {
    const made = await bursar.client.post<{ id: string; key: string }>('/keys', {
      name: 'short',
      role: 'admin',
    });
    const client = createClient(bursar.client.url, made.key);
    expect((await client.send('GET', '/status')).status).toBe(200);
    expect((await bursar.client.send('DELETE', `/keys/${made.id}`)).status).toBe(204);
    expect((await client.send('GET', '/status')).status).toBe(401);
    expect((await bursar.client.send('DELETE', `/keys/${made.id}`)).status).toBe(404);
  });

  test('an admin cannot lock everybody out: no key revokes itself', async () => {
    const { keys } = await bursar.client.get<{ keys: { id: string; revokedAt: string | null }[] }>('/keys');
    const own = keys.filter(({ revokedAt }) => revokedAt === null).map(({ id }) => id);
    const statuses = await Promise.all(
      own.map(async (id) => (await bursar.client.send('DELETE', `/keys/${id}`)).status),
    );
    expect(statuses).toEqual([409]);
  });
});

describe('roles', () => {
  const everybody = (['key', 'person'] as const).flatMap((via) =>
    (['viewer', 'operator', 'admin'] as const).map((role) => [via, role] as const),
  );
  test.each(everybody)('a %s that is %s may do what the role says on every route', async (via, role) => {
    const client = await someoneOf(bursar, opened, [via, 'roles', role]);
    for (const operation of operations) {
      if (role === 'admin' && isKeys(operation)) continue;
      // It would be nobody after that.
      if (operation.template === '/auth/logout') continue;
      const path = pathOf(operation.template, 'no-such-id');
      const { status, body } = await client.send<ErrorBody>(operation.method, path, bodyOf(operation));
      const got = [operation.method, operation.template, status === 403 ? body.error.code : 'allowed'];
      const wanted = mayDo(role, operation) ? 'allowed' : 'not_allowed';
      expect(got).toEqual([operation.method, operation.template, wanted]);
    }
    expect((await client.send('GET', '/status')).status).toBe(200);
  });

  test('a refusal says which role is needed', async () => {
    const client = await clientOf(bursar, opened, 'viewers', 'viewer');
    const run = { method: 'POST', template: '/runs', responses: [] };
    const { body } = await client.send<ErrorBody>('POST', '/runs', bodyOf(run));
    expect(body.error.message).toBe('this needs the role operator; the key has the role viewer');
  });
});

describe('what belongs to another organization', () => {
  /** Ids of the organization `default`, by what the path names. */
  const idFor = (template: string, own: OwnThings) => {
    const [, thing] = Object.entries(OWNERS).find(([prefix]) => template.startsWith(prefix)) ?? [];
    if (thing === undefined) throw new Error(`what does ${template} name? Say so here.`);
    return own[thing];
  };

  let own: OwnThings;
  beforeAll(async () => {
    own = await ownThings(bursar, opened);
  });

  const strangers = ['key', 'person'] as const;
  test.each(strangers)(
    'is not there for a %s: 404 wherever it is named, and no list shows it',
    async (via) => {
      const stranger = await someoneOf(bursar, opened, [via, 'strangers', 'admin']);
      for (const operation of operations.filter(({ template }) => template.includes('{id}'))) {
        const path = pathOf(operation.template, idFor(operation.template, own)).replace(
          'model.a.b',
          'model.shop.stg_orders',
        );
        const { status, body } = await stranger.send<ErrorBody>(operation.method, path, bodyOf(operation));
        expect([operation.method, path, status, body.error?.code]).toEqual([
          operation.method,
          path,
          404,
          'not_found',
        ]);
        expect(body.error.message).not.toContain('organization');
      }
      for (const [path, list] of [
        ['/runs', 'runs'],
        ['/documentation/jobs', 'jobs'],
        ['/documentation/projects', 'projects'],
        ['/holds', 'holds'],
        ['/budgets', 'budgets'],
        ['/channels', 'channels'],
        ['/schedules', 'schedules'],
        ['/batches', 'batches'],
        ['/alerts', 'alerts'],
        ['/costs/entries', 'entries'],
        ['/audit?event=created', 'rows'],
        ['/retention/archives', 'archives'],
      ]) {
        const page = await stranger.get<Record<string, unknown>>(path ?? '');
        expect(page).toEqual({ [list ?? '']: [], total: 0, has_more: false });
      }
      const { keys } = await stranger.get<{ keys: { name: string }[] }>('/keys');
      expect(keys.map(({ name }) => name)).toEqual(['admin']);
      const { people } = await stranger.get<{ people: { email: string }[] }>('/people');
      expect(people.map(({ email }) => email)).toEqual(via === 'key' ? [] : ['admin@strangers.example.com']);
      expect(await stranger.get('/invitations')).toEqual({ invitations: [] });
      for (const path of ['/runs', '/estimates']) {
        const request = { kind: 'documentation', input: { projectId: own.project } };
        expect((await stranger.send('POST', path, request)).status).toBe(404);
      }
      expect((await stranger.send('POST', '/documentation/jobs', { projectId: own.project })).status).toBe(
        404,
      );
    },
  );

  test('is untouched by all that the stranger tried', async () => {
    const { rows } = await opened.store.runs.list('default', {}, { limit: 10 });
    const options = expect.objectContaining({ concurrency: 4 });
    const asked = { state: 'queued', pauseRequested: false, cancelRequested: false, round: 1, options };
    expect(rows).toEqual(Array(2).fill(expect.objectContaining(asked)));
    const path = `/runs/${rows[0]?._id}/documents`;
    const { documents } = await bursar.client.get<{ documents: { state: string }[] }>(path);
    expect(documents.map(({ state }) => state)).toEqual(['proposed']);
  });

  test('does not stand in the way: two organizations may have a project of one name', async () => {
    const stranger = await clientOf(bursar, opened, 'others', 'operator');
    const { id } = await stranger.upload(SHOP);
    const own = await bursar.client.get<{ projects: { id: string; name: string }[] }>(
      '/documentation/projects',
    );
    expect(own.projects.map(({ name }) => name)).toEqual(['shop']);
    expect(own.projects[0]?.id).not.toBe(id);
  });
});

describe('keys, passwords and tokens', () => {
  test('are nowhere in the database but as a hash', async () => {
    const made = await bursar.client.post<{ key: string }>('/keys', { name: 'dump', role: 'operator' });
    const invited = await bursar.client.post<{ token: string }>('/invitations', INVITATION);
    const token = await opened.tokenOf(bursar.client.url, 'default', 'viewer');
    const collections = (await opened.connection.db?.listCollections().toArray()) ?? [];
    expect(collections.map(({ name }) => name)).toContain('api_keys');
    for (const { name } of collections) {
      const dump = JSON.stringify(await opened.connection.collection(name).find().toArray());
      for (const secret of [bursar.key, made.key, PASSWORD, token, invited.token])
        expect([name, dump.includes(secret)]).toEqual([name, false]);
    }
  });
});
