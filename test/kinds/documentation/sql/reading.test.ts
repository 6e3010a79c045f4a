import { readFileSync } from 'node:fs';
import nodeSqlParser from 'node-sql-parser';
import { analyseSql } from '../../../../kinds/documentation/sql/analyse.ts';
import { cpuMs } from '../../../support/cpu-time.ts';
import { testWithSharedData } from '../../../support/shared-data.ts';
import { sharedData } from '../../../support/shared-path.ts';
import { factsOfProject } from '../write/facts.ts';

/** Each is one statement with syntax of its own; after `|` the names of its columns. */
const STATEMENTS = `
select a from t left join lateral (select 1) q on true | a
select a from t qualify row_number() over (partition by a order by b) = 1 | a
select a, f.value:name::string as n from t, lateral flatten(input => t.x) f | a n
select distinct on (a) a, b from t | a b
select a from t group by rollup(a, b) | a
select try_cast(a as int) as a, iff(a, b, c) as b, a::numeric(38, 2) as c from t | a b c
select current_timestamp()::timestamp d from t | d
select lag(a) ignore nulls over (order by b) as before from t | before
select x:a.b as c from t | c
select x at time zone 'utc' as x from t | x
select a from t tablesample (10) | a
select a from t semi join u on t.a = u.a | a
select sum(a) over w as s from t window w as (partition by b) | s
select a is distinct from b as differs from t | differs
select listagg(a, ',') within group (order by a) as all_of_them from t | all_of_them
select case a when 1 then 2 end as c from t | c
select a from t where (a, b) in (select c, d from u) and exists (select 1 from x where x.a = t.a) | a
select struct(a as b) as s from t | s
select a as index, type, date, value, format, offset from t | index type date value format offset
select a, from t | a
select extract(year from d) as y, trim(both 'x' from z) as z from t limit 10 | y z
select -1 as n, not a as b, a mod 2 as m from t | n b m
select interval '1 day' + d as e, date '2020-01-01' as f, array[1, 2][1] as g, (a, b) as h from t | e f g h
(select 1 as x) union all (select 2) order by 1 | x
select count(*) filter (where a > 1) n, sum(a) s from t where a between 1 and 2 or b not like '%x' | n s
with a as (select 1 as x), b as (select x from a), select x from b | x
select t.a, v.b from (t join u on t.a = u.a) left join v on v.a = t.a | a b
with recursive r(n) as (select 1 as n union all select n + 1 from r where n < 5) select n from r | n
`;

const statements = STATEMENTS.trim()
  .split('\n')
  .map((line) => line.split(' | '));

test.each(statements)('reads %s', (sql, names) => {
  const facts = analyseSql(sql ?? '', 'snowflake');
  expect(facts.problems).toEqual([]);
  expect(facts.columns.map((column) => column.name)).toEqual(names?.split(' '));
});

test('reads names and strings by the quotes of the dialect', () => {
  const bigquery = analyseSql('select "x" as a from `project.schema.orders`', 'bigquery');
  expect(bigquery).toMatchObject({ sources: ['orders'], columns: [{ expression: { kind: 'literal' } }] });
  const postgres = analyseSql('select "x" as a from "db"."schema"."orders"', 'postgres');
  expect(postgres).toMatchObject({
    sources: ['orders'],
    columns: [{ expression: { kind: 'column', name: 'x' } }],
  });
  expect(analyseSql('select [x y] as a from [dbo].[orders]', 'sqlserver').sources).toEqual(['orders']);
});

test('says which part it could not read, and still finds the rest', () => {
  const facts = analyseSql('select a frobnicate zork, b from t where x ?? y group by 1', 'postgres');
  expect(facts.parsed).toBe(false);
  expect(facts.problems.join()).toContain('a frobnicate zork');
  expect(facts.columns.map((column) => column.name)).toContain('b');
  expect(facts.sources).toEqual(['t']);
});

test.each([
  '',
  ';',
  'select',
  'with',
  'with a as',
  '(((',
  ')))',
  'def model(dbt, session):\n  return 1',
  "select '",
  '/*',
  '\u0000',
])('answers to %j without throwing', (sql) => {
  expect(() => analyseSql(sql, 'postgres')).not.toThrow();
});

const deep: [string, (count: number) => string][] = [
  ['brackets', (count) => `select ${'('.repeat(count)}1${')'.repeat(count)}`],
  ['open brackets', (count) => `select ${'f('.repeat(count)}`],
  ['subqueries', (count) => `select * from ${'(select * from '.repeat(count)}t${') q'.repeat(count)}`],
  ['cases', (count) => `select ${'case when a then '.repeat(count)}1`],
  ['sums', (count) => `select ${'a + '.repeat(count)}1 as x`],
  ['steps', (count) => 'with a as ('.repeat(count)],
  ['conditions in a template', (count) => '{% if a %}'.repeat(count)],
];

test.each(deep)('takes no longer than a second for 10,000 nested %s', (_name, make) => {
  expect(cpuMs(() => analyseSql(make(10_000), 'postgres'))).toBeLessThan(1_000);
});

testWithSharedData('reads all 69 dbt_stripe models whole', 'dbt_stripe/docs/manifest.json', async (path) => {
  const all = await factsOfProject(path, sharedData('dbt_stripe/docs/catalog.json'));
  expect(all).toHaveLength(69);
  for (const { object } of all) {
    expect([object.name, analyseSql(object.compiledCode ?? '', 'postgres').problems]).toEqual([
      object.name,
      [],
    ]);
  }
});

testWithSharedData(
  'finds the columns that the catalog has',
  'dbt_stripe/docs/manifest.json',
  async (path) => {
    const all = await factsOfProject(path, sharedData('dbt_stripe/docs/catalog.json'));
    const lower = (names: string[]) => names.map((name) => name.toLowerCase()).sort();
    let compared = 0;
    for (const { object } of all) {
      const facts = analyseSql(object.compiledCode ?? '', 'postgres');
      const inCatalog = object.columns.filter((column) => column.type !== undefined);
      if (!facts.complete || inCatalog.length === 0) continue;
      compared += 1;
      const found = lower(facts.columns.map((column) => column.name));
      expect([object.name, found]).toEqual([object.name, lower(inCatalog.map((column) => column.name))]);
    }
    expect(compared).toBeGreaterThan(40);
  },
);

testWithSharedData(
  'finds the relations that another parser finds',
  'dbt_stripe/docs/manifest.json',
  (path) => {
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as {
      nodes: Record<string, Record<string, string>>;
    };
    const parser = new nodeSqlParser.Parser();
    const models = Object.values(manifest.nodes).filter((node) => node.resource_type === 'model');
    for (const { name, compiled_code: code } of models) {
      if (code === undefined || code.includes('__dbt__cte__')) continue;
      const listed = parser.tableList(code, { database: 'Postgresql' }).map((entry) => entry.split('::'));
      // Relations outside have a schema in compiled code, steps have none.
      const outside = listed.filter(([, schema]) => schema !== 'null').map(([, , table]) => table);
      const { sources, unused } = analyseSql(code, 'postgres');
      // One model reads `stg_stripe__price_plan` into a step that it never uses.
      const expected = [...new Set(outside)].filter(
        (table) => !unused.some((step) => table?.endsWith(`__${step}`)),
      );
      expect([name, [...sources].sort()]).toEqual([name, expected.sort()]);
    }
  },
);
