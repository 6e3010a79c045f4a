import { LAYERS } from '../../../../domain/project.ts';
import { checkLayer, parseColumns } from '../../../../kinds/documentation/checks.ts';
import { buildPrompt } from '../../../../kinds/documentation/prompts.ts';
import { writeDocumentation } from '../../../../kinds/documentation/write/offline.ts';
import { columnsToDescribe } from '../../../../kinds/documentation/write/reading.ts';
import { cpuMs } from '../../../support/cpu-time.ts';
import { testWithSharedData } from '../../../support/shared-data.ts';
import { sharedData } from '../../../support/shared-path.ts';
import { factsOf, factsOfProject } from './facts.ts';

const PROJECTS: [string, string, number][] = [
  ['dbt_stripe', 'dbt_stripe/docs/manifest.json', 69],
  ['jaffle_shop v12', 'jaffle_shop_manifest_v12.json', 13],
  ['the folder jaffle_shop', 'jaffle_shop', 7],
];

for (const [name, path, count] of PROJECTS) {
  const catalog = name === 'dbt_stripe' ? sharedData('dbt_stripe/docs/catalog.json') : undefined;

  testWithSharedData(
    `every layer of ${name} passes the checks, within the limit of its prompt`,
    path,
    async (file) => {
      const all = await factsOfProject(file, catalog);
      expect(all).toHaveLength(count);
      for (const facts of all) {
        for (const layer of LAYERS) {
          const text = writeDocumentation(layer, facts);
          expect([facts.object.name, layer, checkLayer(layer, text, facts)]).toEqual([
            facts.object.name,
            layer,
            [],
          ]);
          // A token has at least two characters on average in English and SQL.
          expect(text.length / 2).toBeLessThan(buildPrompt(layer, facts, undefined).maxOutputTokens * 2);
        }
      }
    },
  );

  testWithSharedData(`every declared column of ${name} is described`, path, async (file) => {
    for (const facts of await factsOfProject(file, catalog)) {
      const described = parseColumns(writeDocumentation('columns', facts));
      expect(Object.keys(described)).toEqual(columnsToDescribe(facts));
      for (const column of facts.object.columns) expect(described[column.name]).toMatch(/\w{3}/);
    }
  });

  testWithSharedData(`texts of ${name} hold no trace of a gap in the writer`, path, async (file) => {
    for (const facts of await factsOfProject(file, catalog)) {
      for (const layer of LAYERS.filter((one) => one !== 'columns')) {
        const text = writeDocumentation(layer, facts);
        expect(text).not.toMatch(/undefined|NaN|\[object|\.\.(?!\.)|``| {2,}\S| ,/);
      }
    }
  });
}

testWithSharedData('the same facts give the same text', 'jaffle_shop', async (path) => {
  const [first, second] = [await factsOfProject(path), await factsOfProject(path)];
  for (const [index, facts] of first.entries()) {
    for (const layer of LAYERS) {
      expect(writeDocumentation(layer, second[index])).toBe(writeDocumentation(layer, facts));
    }
  }
});

testWithSharedData(
  'the lifetime value of a customer is told from its payments',
  'jaffle_shop',
  async (path) => {
    const facts = (await factsOfProject(path)).find((one) => one.object.name === 'customers');
    const columns = parseColumns(writeDocumentation('columns', facts));
    expect(columns.customer_lifetime_value).toMatch(
      /the sum of `amount` .*cast to bigint, per `customer_id`/,
    );
    expect(columns.customer_lifetime_value).toContain('Empty where `customer_payments` has no matching row.');
    expect(columns.total_order_amount).toContain('declared, but the SQL does not produce it');
    expect(writeDocumentation('limitations', facts)).toContain('`total_order_amount` is declared');
    expect(writeDocumentation('summary', facts)).toContain('one row per `customer_id`');
  },
);

testWithSharedData('a column made by a template loop is told by its value', 'jaffle_shop', async (path) => {
  const facts = (await factsOfProject(path)).find((one) => one.object.name === 'orders');
  const columns = parseColumns(writeDocumentation('columns', facts));
  expect(columns.gift_card_amount).toContain(
    "`amount` of `stg_payments` over the rows where `payment_method` is 'gift_card', per `order_id`",
  );
});

describe('where nothing can be known', () => {
  test('code that is no SQL is said to be unreadable, and nothing is invented', () => {
    const facts = factsOf('def model(dbt, session):\n    return dbt.ref("a")');
    expect(writeDocumentation('summary', facts)).toContain('could not be read as SQL');
    for (const layer of LAYERS)
      expect(checkLayer(layer, writeDocumentation(layer, facts), facts)).toEqual([]);
  });

  test('a column behind `select *` is said to be handed on', () => {
    const facts = factsOf('select * from stg_orders', {
      columns: [{ name: 'x', description: '', tests: [], declared: true }],
    });
    expect(writeDocumentation('columns', facts)).toContain('handed on from `stg_orders` by `select *`');
    expect(writeDocumentation('limitations', facts)).toContain('hands on columns of `stg_orders`');
  });

  test('a grain that nothing shows is not guessed', () => {
    const facts = factsOf('select a, b from t union all select a, b from u');
    expect(writeDocumentation('summary', facts)).toContain(
      'Neither the SQL nor a test proves what one row stands for',
    );
  });
});

testWithSharedData(
  'all layers of 69 models take less than 30 ms per model',
  'dbt_stripe/docs/manifest.json',
  async (path) => {
    const all = await factsOfProject(path, sharedData('dbt_stripe/docs/catalog.json'));
    const spent = cpuMs(() => {
      for (const facts of all) for (const layer of LAYERS) writeDocumentation(layer, facts);
    });
    // Measured: 5 ms.
    expect(spent / all.length).toBeLessThan(30);
  },
);
