import { analyseSql } from '../../../../kinds/documentation/sql/analyse.ts';
import { stripJinja } from '../../../../kinds/documentation/sql/jinja.ts';
import { cpuMs } from '../../../support/cpu-time.ts';

const plain = (code: string) => stripJinja(code).sql.replace(/\s+/g, ' ').trim();

test('references become the names they mean', () => {
  expect(plain(`select * from {{ ref('a') }}`)).toBe('select * from a');
  expect(plain(`select * from {{ ref('package', 'b', v=2) }}`)).toBe('select * from b');
  expect(plain(`select * from {{ source('raw', 'c') }}`)).toBe('select * from c');
});

test('settings, comments and macro definitions go', () => {
  const code = `{{ config(materialized='table') }}{# note #}{% macro m() %}x{% endmacro %}select 1`;
  expect(plain(code)).toBe('select 1');
});

test('a loop over a list that is written down is unrolled', () => {
  const code = `{% set kinds = ['a', 'b'] %}select {% for kind in kinds %}
    sum(case when k = '{{ kind }}' then 1 end) as {{ kind }}_count{% if not loop.last %},{% endif %}
    {% endfor %} from t`;
  expect(analyseSql(code, 'postgres').columns.map((column) => column.name)).toEqual(['a_count', 'b_count']);
});

test('a loop over a dictionary gives its keys and values', () => {
  expect(plain(`{% for k, v in {'x': 'y'}.items() %}{{ k }} as {{ v }}{% endfor %}`)).toBe('x as y');
});

test('what applies to incremental runs only is kept aside', () => {
  const code = `select a from t
    {% if is_incremental() %} where at > (select max(at) from {{ this }}) {% endif %}`;
  const facts = analyseSql(code, 'postgres');
  expect(facts.incremental).toEqual(['where at > (select max(at) from this)']);
  expect(facts.steps.at(-1)?.selects[0]?.filters).toEqual([]);
});

test('a macro stays as a call of its name over the columns it is given', () => {
  const facts = analyseSql(`select {{ cents_to_dollars('amount') }} as amount from t`, 'postgres');
  expect(facts.columns[0]).toMatchObject({
    name: 'amount',
    expression: { kind: 'call', name: 'cents_to_dollars' },
    origins: [{ relation: 't', column: 'amount' }],
  });
  expect(facts.parsed).toBe(false);
});

test('what only dbt can know is named', () => {
  const { unfilled } = stripJinja('{% for c in columns_of(x) %}{{ c }},{% endfor %}{{ var("from") }}');
  expect(unfilled.join()).toContain('columns_of(x)');
  expect(unfilled.join()).toContain('"from"');
});

test.each([
  '{{',
  '{% if %}',
  '{% endfor %}',
  '{% for %}',
  '{% set %}',
  '{{ }}',
  "{{ ref(' }}",
  '{% for a in b',
])('answers to %j without throwing', (code) => {
  expect(() => stripJinja(code)).not.toThrow();
});

test('loops within loops are bounded', () => {
  const list = `[${Array.from({ length: 50 }, (_, index) => index).join(',')}]`;
  const code = `{% for a in ${list} %}`.repeat(8) + 'x'.repeat(1_000) + '{% endfor %}'.repeat(8);
  expect(cpuMs(() => stripJinja(code))).toBeLessThan(2_000);
});
