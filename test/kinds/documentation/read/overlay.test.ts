import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readProject } from '../../../../kinds/documentation/read/project.ts';
import { find } from './find-object.ts';
import { fixture, folderWith } from './temporary-folder.ts';

describe('a project folder with target/manifest.json', () => {
  const STG_ORDERS = 'models/staging/stg_orders.sql';

  /** The `shop` of the fixtures with its files on disk as the manifest has them. */
  async function shop(): Promise<string> {
    const manifest = JSON.parse(await readFile(fixture('v12.json'), 'utf8'));
    const files: Record<string, string> = { 'dbt_project.yml': 'name: shop' };
    for (const node of Object.values<Record<string, string>>(manifest.nodes)) {
      if (node.resource_type === 'model') files[`${node.original_file_path}`] = `${node.raw_code}\n`;
    }
    files['models/old_orders.sql'] = '{{ config(enabled=var("old", false)) }} select 1';
    files['models/staging/staging.yml'] =
      'models:\n  - name: stg_orders\n    description: One row per order.\n    columns:\n' +
      '      - {name: order_id, description: Key of the order.}\n      - name: status\n' +
      'sources:\n  - name: raw\n    tables: [{name: orders, description: Orders as the shop writes them.}]\n';
    const folder = await folderWith(files);
    await mkdir(join(folder, 'target'));
    await cp(fixture('v12.json'), join(folder, 'target/manifest.json'));
    await cp(fixture('catalog.json'), join(folder, 'target/catalog.json'));
    return folder;
  }

  test('uses the manifest, the catalog and the yml files, with no warning where they agree', async () => {
    const project = await readProject(await shop());
    expect(project.origin).toBe('dbt project folder with manifest v12');
    expect(project.warnings).toEqual([]);
    expect(project.ymlFiles.map((file) => file.path)).toEqual(['models/staging/staging.yml']);
    expect(find(project, 'model.shop.stg_orders').compiledCode).toContain('"dev"."raw"');
    expect(find(project, 'model.shop.stg_orders').columns[0]?.tests).toEqual(['unique', 'not_null']);
    expect(find(project, 'model.shop.customers').columns[0]?.type).toBe('bigint');
  });

  test('takes code and parents of a changed file, no compiled code, and says so', async () => {
    const folder = await shop();
    const before = await readProject(folder);
    await writeFile(join(folder, STG_ORDERS), "select 1 from {{ ref('raw_customers') }}");
    const after = await readProject(folder);
    expect(find(after, 'model.shop.stg_orders')).toMatchObject({
      rawCode: "select 1 from {{ ref('raw_customers') }}",
      parents: ['seed.shop.raw_customers'],
    });
    expect(find(after, 'model.shop.stg_orders').compiledCode).toBeUndefined();
    expect(after.warnings).toEqual([
      `${STG_ORDERS} differs from target/manifest.json; the file is used, and what dbt compiled is not.`,
    ]);
    const changed = after.objects.filter((object) => find(before, object.uniqueId).hash !== object.hash);
    expect(changed.map((object) => object.uniqueId)).toEqual(['model.shop.stg_orders']);
  });

  test('leaves out a model whose file is gone, and tells of one that dbt has not seen', async () => {
    const folder = await shop();
    await rm(join(folder, 'models/marts/int_totals.sql'));
    await writeFile(join(folder, 'models/brand_new.sql'), 'select 1');
    const project = await readProject(folder);
    expect(project.objects.map((object) => object.name)).not.toContain('int_totals');
    expect(find(project, 'model.shop.customers').parents).toEqual(['seed.shop.raw_customers']);
    expect(project.warnings).toEqual([
      'models/marts/int_totals.sql is in target/manifest.json but no longer in the project; it is left out.',
      'models/brand_new.sql is not in target/manifest.json; run dbt again to have it documented.',
    ]);
  });

  test('takes descriptions from the yml files, which people may have changed since', async () => {
    const folder = await shop();
    const yml = 'models:\n  - name: stg_orders\n    description: Written later.\n    columns:\n';
    await writeFile(
      join(folder, 'models/staging/staging.yml'),
      `${yml}    - {name: status, description: "{{ var('x') }}"}\n    - {name: extra, description: New.}\n`,
    );
    expect(find(await readProject(folder), 'model.shop.stg_orders')).toMatchObject({
      description: 'Written later.',
      columns: [
        { name: 'status', type: 'text', description: '', tests: ['accepted_values(placed, returned)'] },
        { name: 'extra', description: 'New.', declared: true },
      ],
    });
  });
});
