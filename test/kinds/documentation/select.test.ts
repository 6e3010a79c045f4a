import { readProject } from '../../../kinds/documentation/read/project.ts';
import { selectObjects } from '../../../kinds/documentation/select.ts';
import { testWithSharedData } from '../../support/shared-data.ts';
import { ids, object } from './select-shop.ts';

describe('selectObjects', () => {
  test.each<[string, string]>([
    ['orders', 'orders'],
    ['shop.orders', 'orders'],
    ['shop.stg_orders', 'stg_orders'],
    ['tools.orders_spine', 'tools.orders_spine'],
    ['fqn:report', 'report'],
    ['marts.deep.report', 'report'],
    ['shop.marts', 'orders customers report'],
    ['marts', 'orders customers report'],
    ['staging.shop', 'stg_orders stg_people'],
    ['tools', 'tools.calendar tools.orders_spine'],
    ['tools.*', 'tools.calendar tools.orders_spine'],
    ['stg_*', 'stg_orders stg_people'],
    ['shop.stg_*', 'stg_orders stg_people'],
    ['orders?', ''],
    ['*.stg_*', 'stg_orders stg_people'],
    ['shop.*.stg_orders', 'stg_orders'],
    ['shop.*.orders', 'orders'],
    ['staging.*.stg_????le', 'stg_people'],
    ['fqn:*orders', 'stg_orders orders'],
    ['marts.[co]*', 'orders customers'],
    ['marts.[!c]*', 'orders report'],
    ['dim', 'dim.v1 dim.v2'],
    ['dim.v2', 'dim.v2'],
    ['dim_v1', 'dim.v1'],
    ['tag:nightly', 'stg_orders stg_people tools.calendar'],
    ['tag:pii-*', 'stg_orders'],
    ['path:models/marts', 'orders customers report'],
    ['models/marts/', 'orders customers report'],
    ['./models/marts/deep', 'report'],
    ['models\\marts\\deep', 'report'],
    ['models/*/shop', 'stg_orders stg_people'],
    ['models/**/report.sql', 'report'],
    ['path:models/marts/marts.yml', 'orders customers'],
    ['file:orders.sql', 'orders'],
    ['report.sql', 'report'],
    ['file:stg_*.sql', 'stg_orders stg_people'],
    ['package:tools', 'tools.calendar tools.orders_spine'],
    ['package:t*', 'tools.calendar tools.orders_spine'],
    ['config.materialized:view', 'stg_orders stg_people'],
    ['config.tags:core', 'orders report'],
    ['source:raw+1', 'stg_orders stg_people'],
    ['source:raw.orders+', 'stg_orders orders customers report'],
    ['source:shop.raw.people+1', 'stg_people'],
    ['source:*+1', 'stg_orders stg_people'],
    ['codes+1', 'stg_people'],
    ['resource_type:seed+2', 'stg_people customers'],
    [
      'resource_type:model',
      'stg_orders stg_people orders customers report dim.v1 dim.v2 tools.calendar tools.orders_spine',
    ],
    ['+customers', 'stg_orders stg_people orders customers'],
    ['1+customers', 'stg_people orders customers'],
    ['0+customers', 'customers'],
    ['orders+', 'orders customers report'],
    ['orders+1', 'orders customers'],
    ['1+orders+1', 'stg_orders orders customers'],
    ['+orders+', 'stg_orders orders customers report'],
    ['@stg_orders', 'stg_orders stg_people orders customers report'],
    ['@calendar', 'tools.calendar tools.orders_spine'],
    ['+tag:core', 'stg_orders stg_people orders customers report'],
    ['orders report', 'orders report'],
    ['tag:nightly,config.materialized:view', 'stg_orders stg_people'],
    ['+customers,tag:nightly', 'stg_orders stg_people'],
    ['tag:nightly,staging tag:core', 'stg_orders stg_people orders report'],
  ])('%s selects: %s', (select, expected) => {
    if (expected === '') expect(() => ids([select])).toThrow(`select: "${select}" matches nothing`);
    else expect(ids([select])).toEqual(expected.split(' '));
  });

  test('takes entries of the list as alternatives, in the order of the objects, each once', () => {
    expect(ids(['report', 'orders', 'orders+1'])).toEqual(['orders', 'customers', 'report']);
  });

  test('selects all models where nothing is asked for, and takes away what is excluded', () => {
    expect(ids([])).toHaveLength(9);
    expect(ids(['marts'], ['orders+1'])).toEqual(['report']);
    expect(ids([], ['package:shop'])).toEqual(['tools.calendar', 'tools.orders_spine']);
  });

  test('follows circles once', () => {
    const circle = [
      object('model.p.a', 'models/a.sql', ['model.p.b']),
      object('model.p.b', 'models/b.sql', ['model.p.a']),
    ];
    for (const select of ['+a', 'a+', '@a', '5+a+5']) expect(selectObjects(circle, [select])).toHaveLength(2);
  });

  test('matches folders of plain SQL, which have no models/ around them', () => {
    const plain = [object('model.p.a', 'staging/a.sql'), object('model.p.b', 'b.sql')];
    expect(selectObjects(plain, ['staging'])).toEqual([plain[0]]);
    expect(selectObjects(plain, ['staging.a'])).toEqual([plain[0]]);
  });

  test('goes down 50,000 models deep', () => {
    const chain = Array.from({ length: 50_000 }, (_, i) =>
      object(`model.p.m${i}`, `models/m${i}.sql`, [`model.p.m${i - 1}`]),
    );
    expect(selectObjects(chain, ['m0+'])).toHaveLength(50_000);
  });

  testWithSharedData(
    'dbt_stripe: staging, its sources, and a mart with all above it',
    'dbt_stripe/docs/manifest.json',
    async (path) => {
      const { objects } = await readProject(path);
      const count = (...select: string[]) => selectObjects(objects, select).length;
      expect(count()).toBe(69);
      expect(count('staging.tmp')).toBe(25);
      expect(count('path:models/staging/tmp')).toBe(25);
      expect(count('source:stripe+1,staging.tmp')).toBe(25);
      expect(count('stripe__customer_overview')).toBe(1);
      expect(count('+stripe__customer_overview')).toBeGreaterThan(10);
      expect(count('package:stripe')).toBe(69);
    },
  );
});
