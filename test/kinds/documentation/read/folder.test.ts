import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { readProject } from '../../../../kinds/documentation/read/project.ts';
import { testWithSharedData } from '../../../support/shared-data.ts';
import { find } from './find-object.ts';
import { folderWith } from './temporary-folder.ts';

const PROJECT = [
  'name: shop',
  'model-paths: ["transform"]',
  'models:',
  '  +materialized: view',
  '  shop:',
  '    +tags: shop',
  '    marts:',
  '      +materialized: table',
  '      +tags: [marts, daily]',
].join('\n');

describe('a dbt project folder without a manifest', () => {
  test('honours model-paths and inherits settings by folder; yml and code override them', async () => {
    const project = await readProject(
      await folderWith({
        'dbt_project.yml': PROJECT,
        'models/not_here.sql': 'select 1',
        'transform/plain.sql': 'select 1',
        'transform/marts/orders.sql': "{{ config(materialized='incremental', tags=['own']) }} select 1",
        'transform/marts/core/totals.sql': 'select 1',
        'transform/marts/off.sql': '{{ config(enabled=false) }} select 1',
        'transform/marts/marts.yml':
          'models:\n  - name: totals\n    config: {materialized: ephemeral, tags: slow}\n    tags: [x]\n',
      }),
    );
    expect(project).toMatchObject({ name: 'shop', origin: 'dbt project folder', adapterType: 'unknown' });
    expect(project.objects.map(({ uniqueId, materialized, tags }) => [uniqueId, materialized, tags])).toEqual(
      [
        ['model.shop.totals', 'ephemeral', ['shop', 'marts', 'daily', 'x', 'slow']],
        ['model.shop.orders', 'incremental', ['shop', 'marts', 'daily', 'own']],
        ['model.shop.plain', 'view', ['shop']],
      ],
    );
  });

  test('reads columns, tests in every way of writing them, and descriptions with doc blocks', async () => {
    const project = await readProject(
      await folderWith({
        'dbt_project.yml': 'name: shop',
        'models/orders.sql': 'select 1',
        'models/docs.md':
          '{% docs state %}\nThe **state**.\n{% enddocs %}\n{%- docs other -%}Other.{%- enddocs -%}',
        'models/schema.yml': [
          'models:',
          '  - name: orders',
          "    description: \"Orders. {{ doc('shop', 'other') }}\"",
          '    data_tests:',
          '      - dbt_utils.unique_combination_of_columns:',
          '          combination_of_columns: [a, b]',
          '          config: {severity: warn}',
          '    columns:',
          '      - name: id',
          '        data_type: bigint',
          '        tests: [unique, not_null]',
          '      - name: state',
          '        description: \'{{ doc("state") }}\'',
          '        data_tests:',
          '          - accepted_values: {arguments: {values: [new, done]}}',
          "          - relationships: {to: \"source('raw', 'states')\", field: code}",
          '          - dbt_utils.accepted_range: {min_value: 0, max_value: 9}',
          '          - {name: my_check, test_name: not_null}',
          '      - name: gone',
          '        description: "{{ doc(\'nowhere\') }}"',
        ].join('\n'),
      }),
    );
    expect(find(project, 'model.shop.orders')).toMatchObject({
      description: 'Orders. Other.',
      patchPath: 'models/schema.yml',
      tests: ['unique_combination_of_columns(a, b)'],
      columns: [
        { name: 'id', type: 'bigint', description: '', tests: ['unique', 'not_null'], declared: true },
        {
          name: 'state',
          description: 'The **state**.',
          tests: [
            'accepted_values(new, done)',
            'relationships(raw.states.code)',
            'accepted_range(min_value: 0, max_value: 9)',
            'not_null',
          ],
        },
        { name: 'gone', description: "{{ doc('nowhere') }}" },
      ],
    });
    expect(project.warnings).toEqual(['There is no {% docs nowhere %} for doc("nowhere").']);
  });

  test('reads sources, seeds with their header, and snapshots of both kinds', async () => {
    const project = await readProject(
      await folderWith({
        'dbt_project.yml': 'name: shop',
        'models/orders.sql':
          "select * from {{ source('raw', 'orders') }} join {{ ref('codes') }} using (code)",
        'models/src.yml':
          'sources: [{name: raw, database: lake, tables: [{name: orders, identifier: ORDERS_V2}]}]',
        'seeds/codes.csv': '\uFEFFcode,"long, name"\n1,x\n',
        'seeds/codes.yml': 'seeds:\n  - name: codes\n    columns: [{name: CODE, description: The code.}]\n',
        'snapshots/history.sql':
          "{% snapshot orders_history %}\nselect * from {{ ref('orders') }}\n{% endsnapshot %}",
        'snapshots/more.yml': "snapshots:\n  - name: codes_history\n    relation: ref('codes')\n",
      }),
    );
    expect(Object.fromEntries(project.objects.map((object) => [object.uniqueId, object.parents]))).toEqual({
      'model.shop.orders': ['seed.shop.codes', 'source.shop.raw.orders'],
      'snapshot.shop.orders_history': ['model.shop.orders'],
      'snapshot.shop.codes_history': ['seed.shop.codes'],
      'seed.shop.codes': [],
      'source.shop.raw.orders': [],
    });
    expect(find(project, 'seed.shop.codes').columns).toMatchObject([
      { name: 'CODE', declared: true, description: 'The code.' },
      { name: 'long, name', declared: false },
    ]);
    expect(find(project, 'source.shop.raw.orders')).toMatchObject({
      relation: 'lake.raw.ORDERS_V2',
      patchPath: 'models/src.yml',
      path: 'models/src.yml',
    });
    expect(project.ymlFiles.map((file) => file.path)).toEqual([
      'models/src.yml',
      'seeds/codes.yml',
      'snapshots/more.yml',
    ]);
  });

  test('leaves out what tools made, links, and empty files', async () => {
    const folder = await folderWith({
      'dbt_project.yml': 'name: p\nmodel-paths: ["."]',
      'a.sql': 'select 1',
      'target/compiled/a.sql': 'select 1',
      'dbt_packages/x/models/a.sql': 'select 1',
      'logs/a.sql': 'select 1',
      '.git/a.sql': 'select 1',
      'my-env/pyvenv.cfg': '',
      'my-env/lib/a.sql': 'select 1',
      'empty.sql': '\n',
    });
    await symlink(folder, join(folder, 'circle'));
    const project = await readProject(folder);
    expect(project.objects.map((object) => object.path)).toEqual(['a.sql']);
    expect(project.warnings).toEqual([
      'circle is a symbolic link and is not followed.',
      'empty.sql is empty and left out.',
    ]);
  });

  test('tells the adapter from a profiles.yml beside it', async () => {
    const profiles = 'shop:\n  target: dev\n  outputs:\n    ci: {type: duckdb}\n    dev: {type: snowflake}\n';
    const files = { 'dbt_project.yml': 'name: p', 'models/a.sql': 'select 1', 'profiles.yml': profiles };
    expect((await readProject(await folderWith(files))).adapterType).toBe('snowflake');
  });

  test('is found inside the one folder of an unpacked archive', async () => {
    const folder = await folderWith({
      'shop-main/dbt_project.yml': 'name: p',
      'shop-main/models/a.sql': 'select 1',
    });
    expect((await readProject(folder)).objects.map((object) => object.path)).toEqual(['models/a.sql']);
  });

  test('hands out its yml files byte for byte, with byte order mark and line ends', async () => {
    const text = '\uFEFFmodels:\r\n  - name: a   # comment\r\n';
    const files = { 'dbt_project.yml': 'name: p', 'models/a.sql': 'select 1', 'models/a.yml': text };
    expect((await readProject(await folderWith(files))).ymlFiles).toEqual([{ path: 'models/a.yml', text }]);
  });

  testWithSharedData(
    'jaffle_shop: 7 models, 3 sources, the drift kept as declared',
    'jaffle_shop',
    async (path) => {
      const project = await readProject(path);
      const models = project.objects.filter((object) => object.resourceType === 'model');
      expect(models).toHaveLength(7);
      expect(find(project, 'model.jaffle_shop.stg_orders').parents).toEqual([
        'source.jaffle_shop.jaffle-shop-data.raw_orders',
      ]);
      expect(find(project, 'model.jaffle_shop.customers').columns.map((column) => column.name)).toContain(
        'total_order_amount',
      );
      expect(find(project, 'model.jaffle_shop.orders').columns[3]?.description).toMatch(
        /^Orders can be one of/,
      );
      expect(models.map((model) => model.materialized).sort()).toEqual([
        ...Array(4).fill('table'),
        ...Array(3).fill('view'),
      ]);
      expect(project.warnings).toEqual([]);
    },
  );
});
