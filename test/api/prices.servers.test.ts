import { type Bursar, startBursar } from '../support/bursar.ts';
import { PRICE } from './estimate-routes.ts';
import { clientOf, type ErrorBody, type OpenStore, openStore } from './second-organization.ts';

interface Listed {
  model: string;
  inputUsdPerMillion: number;
  source: string;
  inForce: boolean;
  own: { id: string; from: string; until: string | null; note: string | null } | null;
  tiers?: { aboveInputTokens: number }[];
}
type Page = { prices: Listed[]; total: number; has_more: boolean; cursor?: string };

let bursar: Bursar;
let opened: OpenStore;
beforeAll(async () => {
  bursar = await startBursar({ workers: 0 });
  opened = await openStore(bursar);
});
afterAll(async () => {
  await opened.close();
  await bursar.stop();
});

/** A client of an organization that has set nothing yet. */
const newOrganization = async (name: string) => clientOf(bursar, opened, name, 'admin');

describe('the list of prices', () => {
  test('has every published price once, by model, page by page', async () => {
    const walked: string[] = [];
    let cursor: string | undefined;
    let total = 0;
    do {
      const page = await bursar.client.get<Page>(`/prices?limit=100${cursor ? `&cursor=${cursor}` : ''}`);
      walked.push(...page.prices.map(({ model }) => model));
      expect(page.has_more).toBe(page.cursor !== undefined);
      cursor = page.cursor;
      total = page.total;
    } while (cursor !== undefined);
    expect(walked).toHaveLength(total);
    expect(total).toBeGreaterThan(400);
    expect(walked).toEqual([...new Set(walked)].sort());
    const second = await bursar.client.get<Page>('/prices?limit=2&skip=2');
    expect(second.prices.map(({ model }) => model)).toEqual(walked.slice(2, 4));
  });

  test('is searched by a part of a name, and tells tiers, caches and where a price is from', async () => {
    const { prices } = await bursar.client.get<Page>('/prices?model=CLAUDE-sonnet-4-5');
    expect(prices).toContainEqual({
      model: 'anthropic/claude-sonnet-4-5',
      inputUsdPerMillion: 3,
      outputUsdPerMillion: 15,
      cachedReadUsdPerMillion: 0.3,
      cachedWriteUsdPerMillion: 3.75,
      tiers: [expect.objectContaining({ aboveInputTokens: 200_000, inputUsdPerMillion: 6 })],
      source: expect.stringMatching(/^genai-prices /),
      inForce: true,
      own: null,
    });
    expect((await bursar.client.get<Page>('/prices?model=no-such-thing')).prices).toEqual([]);
  });

  test('tells the price of a model by a name that is in no list: a dated one, an offline one', async () => {
    for (const [asked, shown] of [
      ['openai/gpt-5-mini-2025-08-07', 'openai/gpt-5-mini-2025-08-07'],
      ['offline:latencyMs=50/gpt-5-mini', 'offline/gpt-5-mini'],
    ] as const) {
      const { prices, total } = await bursar.client.get<Page>(`/prices?model=${encodeURIComponent(asked)}`);
      expect([total, prices[0]]).toMatchObject([1, { model: shown, inputUsdPerMillion: 0.25 }]);
    }
  });

  test.each([
    ['limit=0', 'limit'],
    ['cursor=abc', 'cursor'],
    ['ended=yes', 'ended'],
    ['modl=x', 'modl'],
    ['model=', 'model'],
  ])('refuses %s with the field', async (query, field) => {
    const { status, body } = await bursar.client.send<ErrorBody>('GET', `/prices?${query}`);
    expect([status, body.error.details?.[0]?.field]).toEqual([400, field]);
  });
});

describe('an own price', () => {
  const estimateOf = async (client: Awaited<ReturnType<typeof newOrganization>>, model: string) => {
    const projectId = (await client.upload({ manifest: 'examples/shop/target/manifest.json' })).id;
    const input = { projectId, layers: ['summary'] };
    return client.send<{ price: Listed } & ErrorBody>('POST', '/estimates', {
      kind: 'documentation',
      input,
      options: { model },
    });
  };

  test('makes an unknown model known, hides the published one, and counts within two seconds', async () => {
    const client = await newOrganization('pricing');
    const unknown = await estimateOf(client, 'compatible/llama-3');
    expect([unknown.status, unknown.body.error.code]).toEqual([400, 'price_unknown']);
    await client.post('/prices', PRICE);
    await client.post('/prices', { ...PRICE, model: 'openai/gpt-5-mini', note: 'contract' });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    for (const model of ['compatible/llama-3', 'openai/gpt-5-mini', 'offline:latencyMs=1'])
      expect((await estimateOf(client, model)).body.price).toMatchObject({
        inputUsdPerMillion: 0.1,
        source: 'own price',
      });
    const { prices } = await client.get<Page>('/prices?model=openai/gpt-5-mini');
    const ofModel = prices.filter(({ model }) => model === 'openai/gpt-5-mini');
    expect(ofModel.map(({ source, inForce }) => [source.split(' ')[0], inForce])).toEqual([
      ['own', true],
      ['genai-prices', false],
    ]);
    expect((await estimateOf(bursar.client as never, 'openai/gpt-5-mini')).body.price.source).toMatch(
      /^genai/,
    );
    const wrong = await estimateOf(client, 'compatible/lama-3');
    expect(wrong.body.error.message).toMatch(/close to it: compatible\/llama-3/);
  });

  test('ends when it is deleted, at once in the list, and stays to be seen', async () => {
    const client = await newOrganization('ending');
    const { id } = await client.post<{ id: string }>('/prices', { ...PRICE, model: 'x/y' });
    const later = { ...PRICE, model: 'x/y', from: '2999-01-01', until: '2999-06-01T00:00:00+02:00' };
    await client.post('/prices', later);
    const before = await client.get<Page>('/prices?model=x/y');
    expect(before.prices.map(({ inForce, own }) => [inForce, own?.from.slice(0, 4), own?.until])).toEqual([
      [false, '2999', '2999-05-31T22:00:00.000Z'],
      [true, expect.any(String), null],
    ]);
    expect((await client.send('DELETE', `/prices/${id}`)).status).toBe(204);
    expect((await client.send('DELETE', `/prices/${id}`)).status).toBe(404);
    expect((await client.get<Page>('/prices?model=x/y')).total).toBe(1);
    const all = await client.get<Page>('/prices?model=x/y&ended=true');
    expect(all.prices.map(({ inForce }) => inForce)).toEqual([false, false]);
    expect(all.prices[1]?.own?.until).not.toBeNull();
  });

  test('of another organization is not there', async () => {
    const [one, other] = [await newOrganization('mine'), await newOrganization('theirs')];
    const { id } = await one.post<{ id: string }>('/prices', { ...PRICE, model: 'mine/model' });
    expect((await other.send('DELETE', `/prices/${id}`)).status).toBe(404);
    expect((await other.get<Page>('/prices?model=mine/model')).total).toBe(0);
  });

  test.each([
    ['a negative rate', { inputUsdPerMillion: -1 }, 'inputUsdPerMillion'],
    ['a rate that is no number', { outputUsdPerMillion: 'cheap' }, 'outputUsdPerMillion'],
    ['a rate without bounds', { inputUsdPerMillion: 1e16 }, 'inputUsdPerMillion'],
    ['an end before its beginning', { from: '2026-05-02', until: '2026-05-01' }, 'until'],
    ['an end at its beginning', { from: '2026-05-01', until: '2026-05-01' }, 'until'],
    ['a day that is none', { from: '2026-02-30' }, 'from'],
    ['a model without a provider', { model: 'gpt-5-mini' }, 'model'],
    ['the options of a rehearsal', { model: 'offline:latencyMs=1/gpt-5-mini' }, 'model'],
    ['an unknown field', { perMinute: 1 }, 'perMinute'],
  ])('with %s is refused with the field, and nothing is stored', async (_, change, field) => {
    const { status, body } = await bursar.client.send<ErrorBody>('POST', '/prices', { ...PRICE, ...change });
    expect([status, body.error.details?.[0]?.field]).toEqual([400, field]);
    expect(await opened.store.prices.search('default', {}, 10)).toEqual([]);
  });
});
