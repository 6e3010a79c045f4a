import type { Layer } from '../../../domain/project.ts';
import { checkLayer, parseColumns, repairInstruction } from '../../../kinds/documentation/checks.ts';
import { column, factsOf } from './write/facts.ts';

const facts = factsOf(
  `select o.id as order_id, o.amount, c.name as customer_name
  from stg_orders o left join stg_customers c on o.customer = c.id`,
  { name: 'orders', columns: [column('order_id'), column('amount'), column('customer_name')] },
  { stg_orders: [column('id')], stg_customers: [column('region')] },
);

const TEXT_LAYERS: Layer[] = ['summary', 'business', 'technical', 'lineage', 'limitations'];
const json = (...entries: [string, string][]) =>
  JSON.stringify({ columns: entries.map(([name, description]) => ({ name, description })) });
const good: [string, string][] = [
  ['order_id', 'Key of the order, `id` of `stg_orders`.'],
  ['amount', 'Measure: what the order cost.'],
  ['customer_name', 'Who ordered; empty for guests.'],
];

describe.each(TEXT_LAYERS)('the layer %s', (layer) => {
  test.each([
    ['names of the code', 'One row per `order_id`; joins `stg_customers` on `c.id` to get `customer_name`.'],
    ['parents and their columns', 'Reads `stg_orders` and `stg_customers`, whose `region` it does not take.'],
    [
      'functions, types and SQL',
      'A `left join` and `count(*)`; `amount` is `numeric`; `coalesce` is not used.',
    ],
  ])('accepts %s', (_what, text) => {
    expect(checkLayer(layer, text, facts)).toEqual([]);
  });

  test.each([
    ['nothing', '', 'empty'],
    ['blanks', ' \n ', 'empty'],
    ['a word', 'Orders.', 'too short'],
    ['a flood', 'Orders of the shop. '.repeat(3_000), 'too long'],
    ['JSON', '{"summary": "Orders of the shop, one row each."}', 'must be text'],
    ['a refusal', "I'm sorry, but I cannot help with documenting this model.", 'refuses'],
    ['a confession', 'As an AI language model, I have no access to the data of this model.', 'refuses'],
    ['a blank form', 'Summary: [insert text here] - insert description here for the model.', 'blank'],
    ['an invented table', 'Reads `stg_payments` and sums its amounts per order.', '`stg_payments`'],
    [
      'an invented column',
      'One row per `order_id`, with the `discount_rate` of each order.',
      '`discount_rate`',
    ],
    [
      'an invented column of a known table',
      'Takes `stg_orders.shipped_at` over as it is.',
      '`stg_orders.shipped_at`',
    ],
  ])('refuses %s', (_what, text, problem) => {
    expect(checkLayer(layer, text, facts).join()).toContain(problem);
  });
});

describe('the layer columns', () => {
  test('accepts every column once, in any order and case, also within a fence', () => {
    expect(checkLayer('columns', json(...good), facts)).toEqual([]);
    expect(checkLayer('columns', json(...[...good].reverse()), facts)).toEqual([]);
    expect(checkLayer('columns', `\`\`\`json\n${json(...good)}\n\`\`\``, facts)).toEqual([]);
    expect(checkLayer('columns', json(['ORDER_ID', 'Key of the order.'], ...good.slice(1)), facts)).toEqual(
      [],
    );
  });

  test.each([
    ['nothing', '', 'empty'],
    ['text', 'order_id is the key.', 'not JSON'],
    ['a cut answer', json(...good).slice(0, -20), 'not JSON'],
    ['another shape', JSON.stringify({ order_id: 'The key.' }), 'not JSON'],
    ['entries without text', JSON.stringify({ columns: [{ name: 'order_id' }] }), 'not JSON'],
    ['null', 'null', 'not JSON'],
    ['a missing column', json(...good.slice(1)), '`order_id` is not described'],
    ['an invented column', json(...good, ['shipped_at', 'When it was sent.']), '`shipped_at` does not exist'],
    ['a column twice', json(...good, ['amount', 'Again.']), 'more than once'],
    ['an empty description', json(['order_id', ' '], ...good.slice(1)), 'is empty'],
    ['a repeated name', json(['order_id', 'The order ID.'], ...good.slice(1)), 'only repeats its name'],
    [
      'a repeated name in code',
      json(['order_id', 'This column is `order_id`'], ...good.slice(1)),
      'only repeats',
    ],
    ['a refusal', json(['order_id', 'As an AI, I cannot know this.'], ...good.slice(1)), 'refuses'],
  ])('refuses %s', (_what, text, problem) => {
    expect(checkLayer('columns', text, facts).join()).toContain(problem);
  });

  test('an accepted answer becomes descriptions by column name', () => {
    expect(parseColumns(`\`\`\`json\n${json(...good)}\n\`\`\``)).toEqual(Object.fromEntries(good));
  });
});

test('a repair names what was wrong, at most ten points', () => {
  const problems = Array.from({ length: 30 }, (_, index) => `Problem ${index}.`);
  const text = repairInstruction(problems);
  expect(text).toContain('- Problem 9.');
  expect(text).not.toContain('Problem 10.');
});
