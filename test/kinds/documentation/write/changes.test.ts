import { writeDocumentation } from '../../../../kinds/documentation/write/offline.ts';
import { column, factsOf } from './facts.ts';

const write = (layer: string, sql: string, more = {}) =>
  writeDocumentation(layer, factsOf(sql, more, { stg_customers: [], stg_orders: [] }));

/** The layers whose text differs between two statements. */
function changedLayers(before: string, after: string): string[] {
  const layers = ['summary', 'business', 'technical', 'columns', 'lineage', 'limitations'];
  return layers.filter((layer) => write(layer, before) !== write(layer, after));
}

const CUSTOMERS = `
with customers as (select * from {{ ref('stg_customers') }}),
orders as (select * from {{ ref('stg_orders') }}),
customer_orders as (
  select customer_id, min(order_date) as first_order,
    count(order_id) as number_of_orders, sum(amount) as revenue
  from orders where status <> 'cancelled' group by customer_id
)
select customers.customer_id, customers.name, customer_orders.first_order,
  customer_orders.number_of_orders, customer_orders.revenue
from customers left join customer_orders on customers.customer_id = customer_orders.customer_id`;

describe('a left join that becomes an inner join', () => {
  const inner = CUSTOMERS.replace('left join', 'inner join');

  test('turns “keeps every row” into “keeps only rows that have a match”', () => {
    expect(write('technical', CUSTOMERS)).toContain('left join to `customer_orders`');
    expect(write('technical', CUSTOMERS)).toContain('keeps every row of `customers`');
    expect(write('technical', inner)).toContain('inner join to `customer_orders`');
    expect(write('technical', inner)).toContain(
      'keeps only rows of `customers` that have a match in `customer_orders`',
    );
    expect(write('technical', inner)).not.toContain('keeps every row');
  });

  test('takes the empty columns out of the limitations and puts the dropped rows in', () => {
    expect(write('limitations', CUSTOMERS)).toContain(
      'are empty where `customer_orders` has no matching row',
    );
    expect(write('limitations', inner)).not.toContain('empty where');
    expect(write('limitations', inner)).toMatch(
      /Rows of `customers` without a match in `customer_orders`.*dropped/,
    );
  });

  test('changes how the columns and the lineage are described', () => {
    expect(write('columns', CUSTOMERS)).toContain('Empty where `customer_orders` has no matching row.');
    expect(write('columns', inner)).not.toContain('Empty where');
    expect(write('lineage', inner)).toContain('comes in by an inner join on `customer_id`');
  });
});

test('another join key is told in the technical layer and the lineage', () => {
  const other = CUSTOMERS.replace(
    'customers.customer_id = customer_orders.customer_id',
    'customers.account_id = customer_orders.customer_id',
  );
  expect(write('technical', CUSTOMERS)).toContain('`customers.customer_id` = `customer_orders.customer_id`');
  expect(write('technical', other)).toContain('`customers.account_id` = `customer_orders.customer_id`');
  const side = CUSTOMERS.replace('= customer_orders.customer_id', '= customer_orders.revenue');
  expect(write('lineage', side)).toContain('left join on `revenue`');
  expect(write('technical', side)).toContain('several rows may match, which multiplies rows');
  expect(write('limitations', side)).toContain('can multiply rows');
});

describe('another grouping key', () => {
  const sums = 'select customer_id, order_date, sum(amount) as revenue from stg_orders group by customer_id';
  const byDay = `${sums}, order_date`;

  test('changes the grain in every layer that states it', () => {
    expect(write('summary', sums)).toContain('one row per `customer_id` (the SQL groups by it)');
    expect(write('summary', byDay)).toContain('one row per `customer_id` and `order_date`');
    expect(write('business', byDay)).toContain('per `customer_id` and `order_date`');
    expect(write('technical', byDay)).toContain('groups by `customer_id` and `order_date`');
    expect(write('columns', byDay)).toContain('Part of the key, with `order_date`');
    expect(changedLayers(sums, byDay)).toEqual(
      expect.arrayContaining(['summary', 'business', 'technical', 'columns', 'limitations']),
    );
  });

  test('changes what a sum is per', () => {
    const describe = (key: string) =>
      write('columns', `select ${key}, sum(amount) as revenue from stg_orders group by 1`);
    expect(describe('customer_id')).toContain('the sum of `amount` of `stg_orders`, per `customer_id`');
    expect(describe('country')).toContain('the sum of `amount` of `stg_orders`, per `country`');
  });
});

test('another filter is told in words, and so is one that goes away', () => {
  const [paid, open] = ['paid', 'open'].map(
    (status) => `select id, amount from stg_orders where status = '${status}' and amount > 0`,
  );
  const none = 'select id, amount from stg_orders';
  expect(write('summary', paid ?? '')).toContain("`status` is 'paid'");
  expect(write('summary', open ?? '')).toContain("`status` is 'open'");
  expect(write('summary', none)).not.toContain('not use all rows');
  expect(write('technical', paid ?? '')).toContain(
    "keeps rows where `status` is 'paid' and `amount` is greater than 0",
  );
  expect(write('limitations', paid ?? '')).toContain('filters leave rows out'.replace('f', 'F'));
  expect(write('limitations', none)).not.toContain('leave rows out');
});

test('a filter on the joined side says that the left join acts as an inner one', () => {
  const sql = 'select a.id, b.x from a left join b on a.id = b.id';
  expect(write('technical', `${sql} where b.x > 1`)).toContain('acts as an inner join');
  expect(write('technical', `${sql} where a.x > 1`)).not.toContain('acts as an inner join');
});

test('keeping one row per key is told with its order, and names the grain', () => {
  const dedupe = (order: string) => `with numbered as (
    select *, row_number() over (partition by order_id order by ${order}) as rn from raw_orders)
    select order_id, status from numbered where rn = 1`;
  expect(write('technical', dedupe('loaded_at desc'))).toContain(
    'keeps one row per `order_id`: the first in the order of `loaded_at desc`',
  );
  expect(write('technical', dedupe('loaded_at'))).toContain('in the order of `loaded_at`');
  expect(write('summary', dedupe('loaded_at'))).toContain(
    'one row per `order_id` (the SQL keeps one row for each)',
  );
});

test.each([
  ['sum(amount)', 'the sum of `amount` of `t`'],
  ['avg(amount)', 'the average of `amount` of `t`'],
  ['count(distinct buyer)', 'the number of distinct `buyer` of `t`'],
  ['count(*)', 'the number of rows'],
  ['min(ordered_at)', 'the earliest `ordered_at` of `t`'],
  ['max(amount)', 'the largest `amount` of `t`'],
  [
    `sum(case when kind = 'a' then amount else 0 end)`,
    "the sum of `amount` of `t` over the rows where `kind` is 'a'",
  ],
  [`sum(case when kind = 'a' then 1 else 0 end)`, "the number of rows where `kind` is 'a'"],
  [
    `count(*) filter (where kind in ('a', 'b'))`,
    "the number of rows over the rows where `kind` is 'a' or 'b'",
  ],
])('%s is described as “%s”', (expression, words) => {
  expect(write('columns', `select k, ${expression} as x from t group by k`)).toContain(words);
});

test.each([
  ['id as x', '`id` of `t`, renamed'],
  ['cast(id as text) as x', '`id` of `t`, cast to text'],
  ['coalesce(discount, 0) as x', '`discount` of `t`, with 0 where there is none'],
  ['coalesce(a, b) as x', 'the first of `a` of `t` and `b` of `t` that has a value'],
  [
    `case when n > 10 then 'often' else 'rarely' end as x`,
    "'often' where `n` is greater than 10; otherwise 'rarely'",
  ],
  ['n > 10 as x', 'true where `n` is greater than 10, otherwise false'],
  [`date_trunc('month', at) as x`, '`at` of `t`, cut to the month'],
  ['extract(year from at) as x', 'the year of `at` of `t`'],
  ['amount / 100 as x', 'computed as `amount / 100` from `t`'],
  ['first || last as x', '`first` of `t` and `last` of `t`, put together'],
  [`'web' as x`, "always 'web'"],
  ['row_number() over (partition by k order by at desc) as x', 'within each `k`, in the order of `at desc`'],
  ['lag(amount) over (partition by k order by at) as x', 'of the row before within each `k`'],
  [
    'sum(amount) over (partition by k order by at) as x',
    'a running value: the sum of `amount` of `t` within each',
  ],
])('%s is described as “%s”', (item, words) => {
  expect(write('columns', `select k, ${item} from t`)).toContain(words);
});

test('an incremental model tells its condition and its key', () => {
  const rawCode = `{{ config(materialized='incremental', unique_key='id') }}
    select id, at from events
    {% if is_incremental() %} where at > (select max(at) from {{ this }}) {% endif %}`;
  const text = write('technical', rawCode, { materialized: 'incremental' });
  expect(text).toContain(
    'When the table already exists, a run only adds rows under `at > (select max(at) from this)`',
  );
  expect(text).toContain('replaces rows with the same `id`');
  const compiled = write('technical', rawCode, {
    materialized: 'incremental',
    compiledCode: 'select id, at from events',
  });
  expect(compiled).toContain('only adds rows under');
});

test('a comment above a column is quoted, a heading is not', () => {
  const sql = '-- ids\nselect id,\n-- stored in cents, so we convert it\namount / 100 as amount from t';
  expect(write('columns', sql.replace('-- ids\nselect', 'select -- ids\n'))).not.toContain('ids”');
  expect(write('columns', sql)).toContain('Comment in the code: “stored in cents, so we convert it”.');
});

test('a description that people wrote comes first, in the summary and for a column', () => {
  const more = {
    description: 'Orders of the web shop.',
    columns: [column('id', { description: 'Order number.' })],
  };
  expect(write('summary', 'select id from t', more)).toMatch(/^Orders of the web shop\. It is a table model/);
  const { columns } = JSON.parse(write('columns', 'select id from t', more)) as { columns: unknown[] };
  expect(columns).toEqual([
    { name: 'id', description: expect.stringMatching(/^Order number\. Identifier: `id` of `t`\.$/) },
  ]);
});
