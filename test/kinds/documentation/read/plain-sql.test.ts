import { join } from 'node:path';
import { readProject } from '../../../../kinds/documentation/read/project.ts';
import { find } from './find-object.ts';
import { folderWith } from './temporary-folder.ts';

describe('a folder of plain SQL', () => {
  test('finds parents by the tables that a file reads, whatever case, schema or quotes', async () => {
    const project = await readProject(
      await folderWith({
        'staging/stg_orders.sql': 'select * from raw.orders',
        'orders.sql': 'with stg as (select * from "analytics"."STG_ORDERS") select * from stg',
        'customers.sql': 'select * from Orders o join unknown_table u on u.id = o.id',
        'queries/odd.sql': 'selec * form broken; from customers join stg_orders',
        'notes.txt': 'from orders',
      }),
    );
    const parents = Object.fromEntries(project.objects.map((object) => [object.name, object.parents]));
    const id = (name: string) => `model.${project.name}.${name}`;
    expect(parents).toEqual({
      stg_orders: [],
      orders: [id('stg_orders')],
      customers: [id('orders')],
      odd: [id('customers'), id('stg_orders')],
    });
    expect(project.origin).toBe('sql files');
  });

  test('does not take a name that a query defines itself for a file, unless it wraps it', async () => {
    const project = await readProject(
      await folderWith({
        'orders.sql': 'select 1 as id',
        'own.sql': 'with orders as (select * from raw.things) select * from orders',
        'wraps.sql': 'with orders as (select * from orders) select * from orders',
      }),
    );
    expect(find(project, `model.${project.name}.own`).parents).toEqual([]);
    expect(find(project, `model.${project.name}.wraps`).parents).toEqual([`model.${project.name}.orders`]);
  });

  test('is named by the caller, so that ids stay the same wherever it was unpacked', async () => {
    const project = await readProject(await folderWith({ 'a.sql': 'select 1' }), { name: 'my upload' });
    expect(project.objects[0]?.uniqueId).toBe('model.my_upload.a');
  });

  test('ignores yml files that describe no objects, however odd, and macros and tests', async () => {
    const project = await readProject(
      await folderWith({
        'models/a.sql': 'select 1',
        'macros/m.sql': '{% macro m() %}1{% endmacro %}',
        'tests/t.sql': 'select 1',
        'ci/workflow.yml': 'on:\n\tpush: {{ x }}\n',
      }),
    );
    expect(project.objects.map((object) => object.path)).toEqual(['models/a.sql']);
  });
});

describe('a single .sql file', () => {
  test('is a project of one model', async () => {
    const folder = await folderWith({
      'totals.sql': "{{ config(materialized='table') }} select * from raw.orders",
    });
    const project = await readProject(join(folder, 'totals.sql'));
    expect(project.origin).toBe('sql file');
    expect(project.objects).toMatchObject([
      { name: 'totals', materialized: 'table', path: 'totals.sql', parents: [] },
    ]);
  });
});
