import fc from 'fast-check';
import { parse } from 'yaml';
import {
  blockScalar,
  descriptionText,
  nameScalar,
  oneParagraph,
  quoted,
} from '../../../../kinds/documentation/export/yml-scalar.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        'a b',
        '\n',
        '\r\n',
        ' ',
        '\t',
        '#',
        ': ',
        '- ',
        '"',
        "'",
        '\\',
        '{{ x }}',
        '{%',
        '\u2028',
        '…',
        '😀',
        '%',
        '@',
        '&',
        '*',
        '|',
        '>',
      ),
    )
    .map((parts) => parts.join('')),
);

test('any text reads back as exactly itself, in block and in flow style, in both versions of YAML', () => {
  fc.assert(
    fc.property(text, fc.constantFrom('\n', '\r\n'), (raw, eol) => {
      const wanted = descriptionText(raw);
      const block = `a:${eol}  - b: ${blockScalar(wanted, 6, eol)}${eol}    c: 1${eol}`;
      const flow = `{a: [{b: ${quoted(wanted)}, c: 1}]}`;
      for (const version of ['1.1', '1.2'] as const) {
        expect(parse(block, { version })).toEqual({ a: [{ b: wanted, c: 1 }] });
        expect(parse(flow, { version })).toEqual({ a: [{ b: wanted, c: 1 }] });
      }
    }),
  );
});

test('any name reads back as exactly itself, and as text', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.constantFrom('yes', 'No', 'on', 'null', 'TRUE', '1e3', 'e0', 'E12', 'y', 'a b'),
      ),
      (name) => {
        expect(parse(`- name: ${nameScalar(name)}`, { version: '1.1' })).toEqual([{ name }]);
      },
    ),
  );
});

test('a cleaned text holds nothing that dbt would run as a template', () => {
  fc.assert(
    fc.property(text, (raw) => {
      expect(descriptionText(raw)).not.toMatch(/\{[{%#]/);
      expect(oneParagraph(raw)).not.toMatch(/\{[{%#]/);
    }),
  );
  expect(oneParagraph('uses {{ ref("a") }}, {% if %} and {{{x')).toBe(
    'uses { { ref("a") }}, { % if %} and { { {x',
  );
});

test('a summary of several lines becomes one paragraph without marks of headings', () => {
  expect(oneParagraph('## Orders\n\nOne row per order.\r\n  Paid ones only.\n')).toBe(
    'Orders One row per order. Paid ones only.',
  );
});

test('a text of several lines is written as a literal block, of one line in quotes', () => {
  expect(blockScalar('a\n\nb', 4, '\n')).toBe('|-\n    a\n\n    b');
  expect(blockScalar('a "b"', 4, '\n')).toBe('"a \\"b\\""');
  expect(blockScalar('a\n\tb\u0007', 4, '\n')).toBe('"a\\n\\tb\\u0007"');
});
