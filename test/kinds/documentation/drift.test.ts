import { findDrift } from '../../../kinds/documentation/drift.ts';
import { testWithSharedData } from '../../support/shared-data.ts';
import { sharedData } from '../../support/shared-path.ts';
import { column, factsOf, factsOfProject } from './write/facts.ts';

const kindsOf = (facts: Parameters<typeof findDrift>[0]) =>
  findDrift(facts).map((drift) => `${drift.kind} ${drift.column ?? ''}`.trim());

describe('columns', () => {
  const declared = { columns: [column('id'), column('total_order_amount', { description: 'Total value' })] };

  test('that are declared and not produced are named with the likely replacement', () => {
    const sql = 'select id, sum(amount) as lifetime_value, count(*) as n from t group by id';
    const [missing, ...others] = findDrift(factsOf(sql, declared));
    expect(missing).toMatchObject({ column: 'total_order_amount', kind: 'declared_but_not_produced' });
    expect(missing?.message).toContain('`lifetime_value`');
    expect(others.map((drift) => drift.column)).toEqual(['lifetime_value', 'n']);
  });

  test('that are produced and not declared count only where any column is declared', () => {
    expect(kindsOf(factsOf('select id, x from t', { columns: [column('id')] }))).toEqual([
      'produced_but_not_declared x',
    ]);
    expect(kindsOf(factsOf('select id, x from t'))).toEqual([]);
  });

  test('are compared without regard to case', () => {
    expect(kindsOf(factsOf('select ID from t', { columns: [column('id')] }))).toEqual([]);
  });

  test('are not called missing where a `select *` may bring them', () => {
    expect(kindsOf(factsOf('select *, 1 as id from stg_orders', declared))).toEqual([]);
    const partlyKnown = factsOf('select * from a', declared, { a: [column('id')] });
    expect(kindsOf(partlyKnown)).toEqual([]);
  });

  test('are called missing where the catalog knows every column behind the star', () => {
    const parents = {
      a: [column('id', { type: 'integer' }), column('x', { type: 'text', declared: false })],
    };
    expect(kindsOf(factsOf('select * from a', declared, parents))).toContain(
      'declared_but_not_produced total_order_amount',
    );
  });

  test('are not called missing where a part of the code could not be read', () => {
    expect(kindsOf(factsOf('select id, {{ totals() }} from t', declared))).toEqual([]);
    expect(kindsOf(factsOf('select id, x frobnicate y from t', declared))).toEqual([]);
    expect(kindsOf(factsOf('def model(dbt, session): pass', declared))).toEqual([]);
  });
});

describe('a description that says one row per something', () => {
  const stated = (description: string, sql: string) => findDrift(factsOf(sql, { description }));
  const perDay = 'select order_date, sum(amount) as x from t group by order_date';

  test('contradicts a grouping by something else', () => {
    expect(stated('One row per customer.', perDay)).toEqual([
      {
        kind: 'contradicts_code',
        message: 'The description says one row per customer, but the SQL makes one row per `order_date`.',
      },
    ]);
  });

  test('agrees with a grouping by one of its words, and with code that does not group', () => {
    expect(stated('One row per order date.', perDay)).toEqual([]);
    expect(stated('One row per customer.', 'select customer_id, sum(x) as x from t group by 1')).toEqual([]);
    expect(stated('One row per customer.', 'select order_date from t')).toEqual([]);
  });
});

testWithSharedData(
  'the folder jaffle_shop has one declared column that is not produced',
  'jaffle_shop',
  async (path) => {
    const all = await factsOfProject(path);
    const drift = all
      .flatMap((facts) => findDrift(facts))
      .filter((one) => one.kind !== 'produced_but_not_declared');
    expect(drift.map((one) => one.column)).toEqual(['total_order_amount']);
    expect(drift[0]?.message).toContain('`customer_lifetime_value`');
  },
);

testWithSharedData('jaffle_shop v12 has no contradiction', 'jaffle_shop_manifest_v12.json', async (path) => {
  const drift = (await factsOfProject(path)).flatMap((facts) => findDrift(facts));
  expect(drift.filter((one) => one.kind !== 'produced_but_not_declared')).toEqual([]);
});

testWithSharedData(
  'dbt_stripe has the two that its catalog shows too',
  'dbt_stripe/docs/manifest.json',
  async (path) => {
    const all = await factsOfProject(path, sharedData('dbt_stripe/docs/catalog.json'));
    const found = all.flatMap((facts) =>
      findDrift(facts)
        .filter((one) => one.kind !== 'produced_but_not_declared')
        .map((one) => `${facts.object.name}.${one.column}`),
    );
    expect(found.sort()).toEqual([
      'stg_stripe__credit_note.livemode',
      'stg_stripe__price_plan.invoice_item_id',
    ]);
  },
);
