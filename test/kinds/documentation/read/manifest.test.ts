import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mergeColumns } from '../../../../kinds/documentation/read/catalog.ts';
import { readProject } from '../../../../kinds/documentation/read/project.ts';
import { testWithSharedData } from '../../../support/shared-data.ts';
import { sharedData } from '../../../support/shared-path.ts';
import { find } from './find-object.ts';
import { fixture, folderWith } from './temporary-folder.ts';

const VERSIONS = Array.from({ length: 12 }, (_, index) => index + 1);

describe.each(VERSIONS)('a manifest of schema v%i', (version) => {
  const read = () => readProject(fixture(`v${version}.json`));

  test('is read with its lineage; tests, operations and disabled models are no objects', async () => {
    const project = await read();
    expect(project).toMatchObject({ name: 'shop', adapterType: 'postgres', origin: `manifest v${version}` });
    expect(project).toMatchObject({ ymlFiles: [], warnings: [] });
    expect(Object.fromEntries(project.objects.map((object) => [object.uniqueId, object.parents]))).toEqual({
      'model.shop.stg_orders': ['source.shop.raw.orders'],
      'model.shop.int_totals': ['model.shop.stg_orders'],
      'model.shop.customers': ['seed.shop.raw_customers', 'model.shop.int_totals'],
      'seed.shop.raw_customers': [],
      'source.shop.raw.orders': [],
    });
  });

  test('gives each test to the column or object that it tests', async () => {
    const project = await read();
    const testsOf = (id: string) => find(project, id).columns.map((column) => [column.name, column.tests]);
    expect(testsOf('model.shop.stg_orders')).toEqual([
      ['order_id', ['unique', 'not_null']],
      ['status', ['accepted_values(placed, returned)']],
    ]);
    expect(testsOf('model.shop.customers')).toEqual([
      ['customer_id', ['relationships(stg_orders.customer_id)']],
      ['orders', []],
    ]);
    expect(testsOf('source.shop.raw.orders')).toEqual([['id', ['not_null']]]);
    expect(find(project, 'model.shop.customers').tests).toEqual([
      'unique_combination_of_columns(customer_id, orders)',
      'orders_are_positive',
    ]);
  });

  test('gives path, yml file, relation, tags, code and descriptions', async () => {
    const project = await read();
    const stgOrders = find(project, 'model.shop.stg_orders');
    expect(stgOrders).toMatchObject({
      name: 'stg_orders',
      resourceType: 'model',
      packageName: 'shop',
      path: 'models/staging/stg_orders.sql',
      patchPath: 'models/staging/staging.yml',
      relation: 'dev.analytics.stg_orders',
      materialized: 'view',
      tags: ['nightly'],
      description: 'One row per order.',
      adapterType: 'postgres',
    });
    expect(stgOrders.rawCode).toContain("{{ source('raw', 'orders') }}");
    expect(stgOrders.columns[1]).toMatchObject({ name: 'status', type: 'text', declared: true });
    // dbt compiles into the manifest from v2 on.
    if (version === 1) expect(stgOrders.compiledCode).toBeUndefined();
    else expect(stgOrders.compiledCode).toContain('from "dev"."raw"."orders"');
    const ephemeral = find(project, 'model.shop.int_totals');
    expect(ephemeral.materialized).toBe('ephemeral');
    expect(ephemeral.relation).toBeUndefined();
    expect(ephemeral.patchPath).toBeUndefined();
    expect(find(project, 'source.shop.raw.orders')).toMatchObject({
      path: 'models/staging/staging.yml',
      patchPath: 'models/staging/staging.yml',
      relation: 'dev.raw.orders',
      rawCode: '',
    });
  });
});

describe('a manifest with its catalog', () => {
  test('gets types whatever the case, and columns that only the catalog knows', async () => {
    const project = await readProject(fixture('v12.json'), { catalogPath: fixture('catalog.json') });
    expect(find(project, 'model.shop.customers').columns).toMatchObject([
      { name: 'customer_id', type: 'bigint', declared: true, description: 'Key of the customer.' },
      { name: 'orders', type: 'bigint', declared: true },
      { name: 'loaded_at', type: 'timestamp', declared: false, description: '', tests: [] },
    ]);
    expect(find(project, 'source.shop.raw.orders').columns).toMatchObject([{ name: 'id', type: 'uuid' }]);
  });
});

describe('a manifest that writes names as its warehouse does', () => {
  test('matches columns of tests and of the catalog whatever the case and quotes', () => {
    const columns = [{ name: 'CUSTOMER_ID', description: 'Key.', tests: ['unique'], declared: true }];
    const known = [{ name: 'loaded_at' }, { name: 'customer_id', type: 'NUMBER' }];
    expect(mergeColumns(columns, known)).toEqual([
      { name: 'CUSTOMER_ID', type: 'NUMBER', description: 'Key.', tests: ['unique'], declared: true },
      { name: 'loaded_at', description: '', tests: [], declared: false },
    ]);
  });

  test('believes attached_node where the arguments of a test name nothing', async () => {
    const manifest = JSON.parse(await readFile(fixture('v12.json'), 'utf8'));
    const node = Object.values<{ name: string; column_name: string; test_metadata: { kwargs: object } }>(
      manifest.nodes,
    ).find((one) => one.name.startsWith('relationships'));
    Object.assign(node?.test_metadata.kwargs ?? {}, { model: '{{ my_macro() }}' });
    Object.assign(node ?? {}, { column_name: '"CUSTOMER_ID"', file_key_name: null });
    const folder = await folderWith({ 'manifest.json': JSON.stringify(manifest) });
    const project = await readProject(join(folder, 'manifest.json'));
    expect(find(project, 'model.shop.customers').columns[0]?.tests).toEqual([
      'relationships(stg_orders.customer_id)',
    ]);
  });
});

describe('real projects', () => {
  const CATALOG = 'dbt_stripe/docs/catalog.json';

  testWithSharedData(
    'dbt_stripe: 69 models, 959 declared columns, types',
    'dbt_stripe/docs/manifest.json',
    async (path) => {
      const project = await readProject(path, { catalogPath: sharedData(CATALOG) ?? '' });
      const models = project.objects.filter((object) => object.resourceType === 'model');
      const columns = models.flatMap((model) => model.columns);
      expect(models).toHaveLength(69);
      expect(models.filter((model) => model.description !== '')).toHaveLength(42);
      expect(columns.filter((column) => column.declared)).toHaveLength(959);
      expect(columns.filter((column) => column.type !== undefined).length).toBeGreaterThan(1600);
      expect(project.warnings).toEqual([]);
    },
  );

  testWithSharedData(
    'jaffle_shop v12: 13 models, all described',
    'jaffle_shop_manifest_v12.json',
    async (path) => {
      const project = await readProject(path);
      const models = project.objects.filter((object) => object.resourceType === 'model');
      expect(models).toHaveLength(13);
      expect(models.every((model) => model.description !== '')).toBe(true);
      expect(find(project, 'model.jaffle_shop.stg_products').parents).toEqual([
        'source.jaffle_shop.ecom.raw_products',
      ]);
    },
  );

  testWithSharedData(
    'dbt_stripe read from its files says what dbt says in the manifest',
    'dbt_stripe',
    async (path) => {
      const byFiles = await readProject(path, { name: 'stripe' });
      const byDbt = await readProject(join(path, 'docs/manifest.json'));
      for (const mine of byFiles.objects) {
        const theirs = find(byDbt, mine.uniqueId);
        expect(mine.description).toBe(theirs.description.trim());
        expect(mine.columns.map((column) => [column.name, column.description, column.tests])).toEqual(
          theirs.columns.map((column) => [column.name, column.description.trim(), column.tests]),
        );
        expect(theirs.parents).toEqual(expect.arrayContaining(mine.parents));
        if (mine.resourceType === 'model') expect(mine.rawCode.trim()).toBe(theirs.rawCode.trim());
      }
      expect(byFiles.objects.filter((object) => object.resourceType === 'model')).toHaveLength(69);
    },
  );
});
