import { analyseSql } from '../../../../kinds/documentation/sql/analyse.ts';
import { render } from '../../../../kinds/documentation/sql/render.ts';
import { outsideRelation } from '../../../../kinds/documentation/sql/resolve.ts';

const analyse = (sql: string, adapterType = 'postgres') => analyseSql(sql, adapterType);
const originsOf = (sql: string) =>
  Object.fromEntries(
    analyse(sql).columns.map((column) => [
      column.name,
      column.origins.map((origin) => `${origin.relation}.${origin.column}`),
    ]),
  );

describe('columns', () => {
  test('are followed through steps, aliases and renamings to the relations outside', () => {
    const sql = `with o as (select id as order_id, amount from raw.orders), p as (select * from o)
      select p.order_id, sum(p.amount) as total from p group by 1`;
    expect(originsOf(sql)).toEqual({ order_id: ['orders.id'], total: ['orders.amount'] });
  });

  test('without a table are given to the one relation that can have them', () => {
    const sql = `with a as (select x from t1), b as (select y from t2)
      select x, y from a join b on a.x = b.y`;
    expect(originsOf(sql)).toEqual({ x: ['t1.x'], y: ['t2.y'] });
  });

  test('that two relations may have are said to be uncertain', () => {
    const [found] = analyse('select amount from a join b on a.id = b.id').columns;
    expect(found).toMatchObject({ certain: false });
    expect(found?.origins.map((origin) => origin.relation)).toEqual(['a', 'b']);
  });

  test('of a star over a relation that is known are listed, without those it leaves out', () => {
    const known = new Map([['orders', outsideRelation('orders', ['id', 'status', 'secret'], true)]]);
    const facts = analyseSql('select * exclude (secret), 1 as one from orders', 'snowflake', known);
    expect(facts.columns.map((column) => column.name)).toEqual(['id', 'status', 'one']);
    expect(facts.complete).toBe(true);
  });

  test('of a star over an unknown relation are left open', () => {
    const facts = analyse('select *, 1 as one from orders');
    expect(facts).toMatchObject({ complete: false, openTo: ['orders'] });
    expect(facts.columns.map((column) => column.name)).toEqual(['one']);
  });

  test('know the outer join that can leave them empty, and the coalesce that prevents it', () => {
    const sql = `select a.id, b.x, coalesce(b.x, 0) as y, b.x is null as z from a left join b on a.id = b.id`;
    const empty = analyse(sql).columns.map((column) => [column.name, column.emptyWithout]);
    expect(empty).toEqual([
      ['id', undefined],
      ['x', 'b'],
      ['y', undefined],
      ['z', undefined],
    ]);
  });

  test('of a union are matched by position', () => {
    const facts = analyse(`select id, 'web' as channel from web union all select key, 'shop' from shop`);
    expect(facts.columns.map((column) => column.name)).toEqual(['id', 'channel']);
    expect(facts.columns[0]?.origins.map((origin) => origin.relation)).toEqual(['web', 'shop']);
  });
});

describe('rows', () => {
  test('are unique by the grouping keys, also when these are given by position', () => {
    expect(analyse('select b, a, count(*) as n from t group by 2, 1').keys).toEqual([['a', 'b']]);
    expect(analyse('select a, count(*) as n from t group by all', 'duckdb').keys).toEqual([['a']]);
    expect(analyse('select count(*) as n from t').keys).toEqual([[]]);
    expect(analyse('select a from t').keys).toEqual([]);
  });

  test('are unique by the partition of which one row is kept', () => {
    const inStep = `with n as (select *, row_number() over (partition by id order by at desc) as rn from t)
      select id, x from n where rn = 1`;
    const byQualify = 'select id, x from t qualify row_number() over (partition by id order by at desc) = 1';
    for (const sql of [inStep, byQualify]) expect(analyse(sql, 'snowflake').keys).toEqual([['id']]);
  });

  test('keep the key of the driving relation where a join matches at most one row, and only there', () => {
    const grouped = 'b as (select id, sum(x) as x from t group by id)';
    const join = (on: string) => `with a as (select distinct id, z from s), ${grouped}
      select a.id, a.z, b.x from a left join b on ${on}`;
    const once = analyse(join('a.id = b.id'));
    expect(once.steps.at(-1)?.selects[0]?.joins[0]).toMatchObject({ type: 'left', matches: 'one' });
    expect(once.keys).toEqual([['id', 'z']]);
    const often = analyse(join('a.z = b.x'));
    expect(often.steps.at(-1)?.selects[0]?.joins[0]).toMatchObject({ matches: 'many' });
    expect(often.keys).toEqual([]);
  });

  test('of a left join that a filter undoes are told apart from those that it keeps', () => {
    const join = (where: string) =>
      analyse(`select a.id from a left join b on a.id = b.id where ${where}`).steps.at(-1)?.selects[0]
        ?.joins[0];
    expect(join(`b.status = 'paid'`)?.undoneBy).toBeDefined();
    for (const where of [
      'b.id is null',
      `coalesce(b.status, '') = ''`,
      `a.status = 'x'`,
      `b.x = 1 or a.y = 2`,
    ]) {
      expect(join(where)?.undoneBy).toBeUndefined();
    }
  });
});

test('a cross join is read as one, and not as an inner join to something called cross', () => {
  const [select] = analyse('select a.x, b.y from a cross join b').steps.at(-1)?.selects ?? [];
  expect(select?.from).toEqual(['a', 'b']);
  expect(select?.joins[0]?.type).toBe('cross');
});

test('joins tell their keys apart from their further conditions', () => {
  const sql = `select 1 as one from a join b on b.k = a.id and b.kind = 'x' and b.at >= a.at`;
  const [join] = analyse(sql).steps.at(-1)?.selects[0]?.joins ?? [];
  expect(join?.keys).toEqual([{ left: 'a.id', right: 'k' }]);
  expect(join?.conditions.map(render)).toEqual([`b.kind = 'x'`, 'b.at >= a.at']);
});

test('filters are listed one by one, without those that are always true', () => {
  const sql = `select a, sum(b) as b from t where 1 = 1 and a > 0 and c = 'x' group by a having sum(b) > 10`;
  const filters = analyse(sql).steps.at(-1)?.selects[0]?.filters ?? [];
  expect(filters.map((filter) => `${filter.clause} ${render(filter.condition)}`)).toEqual([
    'where a > 0',
    `where c = 'x'`,
    'having sum(b) > 10',
  ]);
});

test('an ephemeral parent that dbt wrote into the code counts as a relation outside', () => {
  const sql = `with __dbt__cte__totals as (select id, sum(x) as x from t group by 1), f as (
    select * from __dbt__cte__totals) select id, x from f`;
  const facts = analyse(sql);
  expect(facts.sources).toEqual(['totals']);
  expect(facts.keys).toEqual([['id']]);
  expect(facts.steps.map((step) => step.name)).toEqual(['f', undefined]);
});

test('steps that do not reach the result are left out', () => {
  const facts = analyse('with a as (select 1 as x), unused as (select 2 as y) select x from a');
  expect(facts.steps.map((step) => step.name)).not.toContain('unused');
  expect(facts.unused).toEqual(['unused']);
});
