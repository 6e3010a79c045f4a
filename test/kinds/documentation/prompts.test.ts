import { LAYERS } from '../../../domain/project.ts';
import {
  buildPrompt,
  EXPECTED_SUMMARY,
  expectedOutputTokens,
  inputHash,
} from '../../../kinds/documentation/prompts.ts';
import { column, factsOf } from './write/facts.ts';

const SQL = 'select id as order_id, amount from stg_orders';
const make = (more = {}, sql = SQL) =>
  factsOf(
    sql,
    { description: 'Orders.', columns: [column('order_id', { tests: ['unique'], type: 'bigint' })], ...more },
    {
      stg_orders: [column('id', { tests: ['unique'] })],
    },
  );
const withSummary = (summary: string) => {
  const facts = make();
  return { ...facts, parents: facts.parents.map((parent) => ({ ...parent, summary })) };
};

test('the context is the same to the byte for all layers, and the instruction is not', () => {
  const prompts = LAYERS.map((layer) => buildPrompt(layer, make(), 'ARR: yearly revenue'));
  expect(new Set(prompts.map((prompt) => `${prompt.system}\n${prompt.context}`)).size).toBe(1);
  expect(new Set(prompts.map((prompt) => prompt.instruction)).size).toBe(LAYERS.length);
});

test('only the layer columns carries a schema', () => {
  const withSchema = LAYERS.filter((layer) => buildPrompt(layer, make(), undefined).schema !== undefined);
  expect(withSchema).toEqual(['columns']);
});

test('the context holds code, columns with types and tests, parents with keys, and the glossary', () => {
  const { context } = buildPrompt('summary', withSummary('All orders as loaded.'), 'ARR: yearly revenue');
  for (const part of [
    SQL,
    '- order_id (bigint; test unique)',
    '- amount (not declared)',
    'stg_orders (model): All orders as loaded.',
    'id (unique)',
    'ARR: yearly revenue',
    'description by people: Orders.',
  ]) {
    expect(context).toContain(part);
  }
});

test('long code is cut, and the cut is marked with both lengths', () => {
  const long = `select ${'x + '.repeat(20_000)}1 as x from t`;
  const { context } = buildPrompt('summary', make({}, long), undefined);
  expect(context).toContain(`the first 32000 of ${long.length} characters are shown`);
  expect(context.length).toBeLessThan(40_000);
});

test('compiled code is shown where there is some', () => {
  const { context } = buildPrompt('summary', make({ compiledCode: 'select 42 as answer' }), undefined);
  expect(context).toContain('select 42 as answer');
  expect(context).not.toContain('stg_orders\n# Code');
});

test('expected and greatest length of columns grow with their number', () => {
  const many = make({ columns: Array.from({ length: 100 }, (_, index) => column(`c${index}`)) });
  expect(expectedOutputTokens('columns', many).p50).toBeGreaterThan(
    20 * expectedOutputTokens('columns', make()).p50,
  );
  for (const layer of LAYERS) {
    const { p50, p90 } = expectedOutputTokens(layer, many);
    expect(p50).toBeLessThan(p90);
    expect(p90).toBeLessThan(buildPrompt(layer, many, undefined).maxOutputTokens);
  }
});

test('a stand-in summary is as long as real ones are', () => {
  expect(EXPECTED_SUMMARY.length).toBeGreaterThan(200);
  expect(EXPECTED_SUMMARY.length).toBeLessThan(500);
});

describe('the input hash', () => {
  const base = inputHash(make(), undefined);

  test.each([
    ['the code', inputHash(make({}, `${SQL} where amount > 0`), undefined)],
    ['the compiled code', inputHash(make({ compiledCode: 'select 1 as order_id' }), undefined)],
    ['the description', inputHash(make({ description: 'All orders.' }), undefined)],
    ['a column', inputHash(make({ columns: [column('order_id')] }), undefined)],
    ['a test', inputHash(make({ tests: ['unique_combination_of_columns(a, b)'] }), undefined)],
    ['a summary of a parent', inputHash(withSummary('Changed.'), undefined)],
    ['the glossary', inputHash(make(), 'ARR: yearly revenue')],
  ])('changes with %s', (_what, hash) => {
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(hash).not.toBe(base);
  });

  test('does not change with children, with line ends, or with the columns of a parent', () => {
    expect(inputHash({ ...make(), children: ['revenue'] }, undefined)).toBe(base);
    expect(inputHash(make({}, `${SQL}  \r\n`), undefined)).toBe(base);
    const facts = make();
    const parents = facts.parents.map((parent) => ({ ...parent, columns: [] }));
    expect(inputHash({ ...facts, parents }, undefined)).toBe(base);
  });
});
