import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiRun } from '../../../api/run-schemas.ts';
import { type Bursar, startBursar } from '../../support/bursar.ts';
import { testWithSharedData } from '../../support/shared-data.ts';
import { SHOP } from '../../support/shop.ts';

let bursar: Bursar;
let project: string;

beforeAll(async () => {
  bursar = await startBursar();
  project = (await bursar.client.upload(SHOP)).id;
});
afterAll(() => bursar.stop());

interface Manifest {
  nodes: Record<
    string,
    {
      name: string;
      resource_type: string;
      raw_code: string;
      compiled_code?: string;
      depends_on: { nodes: string[] };
    }
  >;
}

const modelsOf = ({ nodes }: Manifest) =>
  Object.values(nodes).filter(({ resource_type }) => resource_type === 'model');

/** A manifest with something changed in it, in a file of its own. */
function changed(path: string, change: (manifest: Manifest) => void): string {
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  change(manifest);
  const copy = join(mkdtempSync(join(tmpdir(), 'bursar-changed-')), 'manifest.json');
  writeFileSync(copy, JSON.stringify(manifest));
  return copy;
}

async function run(input: object, options: object = {}): Promise<ApiRun> {
  const started = await bursar.client.startRun(
    { layers: ['summary'], ...input },
    { concurrency: 16, ...options },
  );
  return bursar.client.untilEnded(started.id);
}
const namesOf = async ({ id }: ApiRun, query = '') => {
  const path = `/runs/${id}/items?limit=100${query}`;
  return (await bursar.client.get<{ items: { name: string }[] }>(path)).items.map(({ name }) => name);
};
const callsOf = async ({ id }: ApiRun) =>
  (await bursar.client.get<{ total: number }>(`/runs/${id}/logs`)).total;
const refused = async (input: object) => {
  const body = { kind: 'documentation', input: { projectId: project, ...input } };
  const answer = await bursar.client.send<{ error: { message: string; details?: { field: string }[] } }>(
    'POST',
    '/runs',
    body,
  );
  return [answer.status, answer.body.error.message, answer.body.error.details?.[0]?.field];
};

describe('a selection', () => {
  test.each([
    ['stg_orders', ['stg_orders']],
    ['tag:customers', ['customer_lifetime_value']],
    [
      'path:models/staging',
      [
        'stg_customers',
        'stg_order_items',
        'stg_orders',
        'stg_payments',
        'stg_products',
        'stg_returns',
        'stg_web_sessions',
      ],
    ],
    ['+int_order_payments', ['int_order_payments', 'stg_payments']],
    ['daily_revenue+', ['daily_revenue', 'revenue_forecast']],
  ])('%s takes these models, parents first', async (select, names) => {
    const finished = await run({ projectId: project, select: [select] });
    const order = await namesOf(finished);
    expect([finished.state, order.toSorted()]).toEqual(['completed', names]);
    if (select.startsWith('+')) expect(order).toEqual(['stg_payments', 'int_order_payments']);
  });

  test('+customer_lifetime_value takes all that it is made from, each after its parents', async () => {
    const { input, id } = await run({ projectId: project, select: ['+customer_lifetime_value'] });
    expect(input).toMatchObject({
      projectId: project,
      revision: 1,
      select: ['+customer_lifetime_value'],
      layers: ['summary'],
    });
    const order = await namesOf({ id } as ApiRun);
    expect(order).toHaveLength(11);
    expect(order.at(-1)).toBe('customer_lifetime_value');
    const manifest = JSON.parse(readFileSync(SHOP.manifest, 'utf8')) as Manifest;
    for (const { name, depends_on } of modelsOf(manifest))
      for (const parent of depends_on.nodes.flatMap((each) => each.split('.').at(-1) ?? []))
        if (order.includes(name) && order.includes(parent))
          expect(order.indexOf(parent)).toBeLessThan(order.indexOf(name));
  });

  test('of what is not there is refused with the nearest names, before anything is stored', async () => {
    const before = (await bursar.client.get<{ total: number }>('/runs')).total;
    expect(await refused({ select: ['stg_odrers'] })).toEqual([
      400,
      expect.stringMatching(/did you mean stg_orders/),
      'select',
    ]);
    expect(await refused({ select: ['tag:finanse'] })).toEqual([
      400,
      expect.stringMatching(/did you mean finance/),
      'select',
    ]);
    expect(await refused({ select: ['path:models/stagng'] })).toEqual([
      400,
      expect.stringMatching(/models\/staging/),
      'select',
    ]);
    expect(await refused({ objectIds: ['model.shop.stg_odrers'] })).toEqual([
      400,
      expect.stringMatching(/model\.shop\.stg_odrers/),
      'objectIds',
    ]);
    expect(await refused({ objectIds: ['seed.shop.raw_orders'] })).toEqual([
      400,
      expect.stringMatching(/seed\.shop/),
      'objectIds',
    ]);
    expect((await bursar.client.get<{ total: number }>('/runs')).total).toBe(before);
  });

  test('by object ids takes each once', async () => {
    const id = 'model.shop.stg_orders';
    expect((await run({ projectId: project, objectIds: [id, id] })).progress.total).toBe(1);
  });
});

test('models that refer to each other in a circle are all documented', async () => {
  const manifest = changed(SHOP.manifest, ({ nodes }) => {
    nodes['model.shop.stg_orders']?.depends_on.nodes.push('model.shop.order_summary');
    nodes['model.shop.stg_products']?.depends_on.nodes.push('model.shop.stg_products');
  });
  const { id } = await bursar.client.upload({ manifest }, { name: 'circle' });
  const finished = await run({ projectId: id });
  expect([finished.state, finished.progress.done, finished.progress.failed]).toEqual(['completed', 15, 0]);
});

test('a run goes on with the revision that it began with while new ones replace it', async () => {
  const { id } = await bursar.client.upload(SHOP, { name: 'frozen' });
  const input = { projectId: id, layers: ['summary'] };
  const started = await bursar.client.startRun(input, {
    concurrency: 2,
    model: 'offline:latencyMs=150/gpt-5-mini',
  });
  await bursar.client.until(started.id, ({ state }) => state === 'running');
  for (const remark of ['one', 'two', 'three']) {
    const manifest = changed(SHOP.manifest, ({ nodes }) => {
      delete nodes['model.shop.revenue_forecast'];
      for (const node of Object.values(nodes)) node.raw_code = `-- ${remark}\n${node.raw_code}`;
    });
    await bursar.client.upload({ manifest }, { name: 'frozen' });
  }
  expect((await bursar.client.until(started.id, () => true)).state).toBe('running');
  const finished = await bursar.client.untilEnded(started.id);
  expect([finished.state, finished.progress.done, finished.input.revision]).toEqual(['completed', 15, 1]);
  expect(await namesOf(finished)).toContain('revenue_forecast');
  const next = await run({ projectId: id });
  expect([next.progress.total, next.input.revision]).toEqual([14, 4]);
});

describe('with skipExisting, after the SQL of one staging model has changed', () => {
  /** Runs all, changes one model, runs again: what is generated is it, and what a changed summary reaches. */
  async function changeOne(path: string, name: string, from: RegExp, to: string) {
    const { id } = await bursar.client.upload({ manifest: path }, { name: `changed ${name}` });
    const first = await run({ projectId: id });
    expect([first.state, first.progress.failed]).toEqual(['completed', 0]);
    const again = await run({ projectId: id }, { skipExisting: true });
    expect([again.progress.reused, await callsOf(again)]).toEqual([first.progress.total, 0]);
    const summariesOf = async (of: ApiRun) => {
      const { documents } = await bursar.client.get<{
        documents: { object: string; content: { text: { summary: string } } }[];
      }>(`/runs/${of.id}/documents?limit=100`);
      return new Map(documents.map(({ object, content }) => [object, content.text.summary]));
    };
    const before = await summariesOf(first);
    let manifest: Manifest | undefined;
    const copy = changed(path, (read) => {
      manifest = read;
      const node = Object.values(read.nodes).find(
        (each) => each.name === name && each.resource_type === 'model',
      );
      if (node === undefined || !from.test(node.raw_code)) throw new Error(`${name} is not as expected`);
      node.raw_code = node.raw_code.replace(from, to);
      if (node.compiled_code !== undefined) node.compiled_code = node.compiled_code.replace(from, to);
    });
    await bursar.client.upload({ manifest: copy }, { name: `changed ${name}` });
    const second = await run({ projectId: id }, { skipExisting: true });
    const after = await summariesOf(second);
    const nodes = Object.entries(manifest?.nodes ?? {}).filter(
      ([, { resource_type }]) => resource_type === 'model',
    );
    const expected = nodes.filter(
      ([, node]) =>
        node.name === name ||
        node.depends_on.nodes.some((parent) => after.has(parent) && after.get(parent) !== before.get(parent)),
    );
    expect([...after.keys()].toSorted()).toEqual(expected.map(([each]) => each).toSorted());
    expect([second.progress.done, await callsOf(second)]).toEqual([after.size, after.size]);
    expect(second.progress.reused).toBe(first.progress.total - after.size);
    return { generated: (await namesOf(second, '&state=done')).toSorted(), before, after };
  }

  test('exactly it is generated where its summary stays the same', async () => {
    const { generated, before, after } = await changeOne(SHOP.manifest, 'stg_orders', /^/, '-- a remark\n');
    expect([...after].filter(([object, summary]) => before.get(object) !== summary)).toEqual([]);
    expect(generated).toEqual(['stg_orders']);
  });

  test('what its changed summary reaches is generated too, and nothing else', async () => {
    const { generated } = await changeOne(SHOP.manifest, 'stg_payments', /\s*$/, '\nwhere 1 = 2\n');
    expect(generated).toContain('stg_payments');
    expect(generated).not.toContain('stg_orders');
  });

  testWithSharedData(
    'the same holds for the 69 models of dbt_stripe',
    'dbt_stripe/docs/manifest.json',
    async (path) => {
      const name = 'stg_stripe__balance_transaction';
      const { generated } = await changeOne(path, name, /\s*$/, '\n\nwhere amount is not null\n');
      expect(generated).toContain(name);
      expect(generated.length).toBeLessThan(30);
    },
    90_000,
  );
});
