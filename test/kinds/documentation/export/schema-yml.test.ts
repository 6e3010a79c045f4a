import { parse } from 'yaml';
import { documented, projectObject } from './objects.ts';
import { orders, patchOne } from './patch-one.ts';

test('a missing description stands behind the name, missing columns at the end of the list', () => {
  const text =
    'models:\n  - name: orders # main\n    columns:\n      - name: id\n' + '        tests: [unique]\n';
  const { text: patched, files, kept, skipped } = patchOne(text, [orders()]);
  expect(patched).toBe(
    'models:\n  - name: orders # main\n    description: "One row per order."\n    columns:\n' +
      '      - name: id\n' +
      '        description: "Key."\n        tests: [unique]\n      - name: total\n' +
      '        description: "Sum."\n',
  );
  expect([files[0]?.added, kept, skipped]).toEqual([3, 0, []]);
});

test.each([
  ['description:', 'description: "One row per order."'],
  ['description: # to do', 'description: "One row per order." # to do'],
  ['description: ""', 'description: "One row per order."'],
  ["description: ''  # to do", 'description: "One row per order."  # to do'],
  ['description: ~', 'description: "One row per order."'],
  ['description: >', 'description: "One row per order."'],
  ['"description" : null', '"description" : "One row per order."'],
])('the empty %j is filled in place', (before, after) => {
  const text = `models:\n  - name: orders\n    ${before}\n    tests: []\n`;
  expect(patchOne(text, [documented(projectObject('orders'), 'One row per order.')]).text).toBe(
    `models:\n  - name: orders\n    ${after}\n    tests: []\n`,
  );
});

test.each([
  ['- {name: orders}', '- {name: orders, description: "D", columns: [{name: id, description: "Key."}]}'],
  [
    '- {name: orders, columns: []}',
    '- {name: orders, description: "D", columns: [{name: id, description: "Key."}]}',
  ],
  [
    '- {"columns": [{"name":"x"},], "name":"orders"}',
    '- {"columns": [{"name":"x"}, {name: id, description: "Key."},], "name":"orders", description: "D"}',
  ],
  [
    '- {name: orders, description: , columns: [{name: id}]}',
    '- {name: orders, description: "D" , columns: [{name: id, description: "Key."}]}',
  ],
])('flow style is extended in flow style: %s', (before, after) => {
  const document = documented(projectObject('orders'), 'D', { id: 'Key.' });
  expect(patchOne(`models:\n${before}\n`, [document]).text).toBe(`models:\n${after}\n`);
});

test.each([
  [
    'indented lists',
    'models:\n  - name: orders\n',
    '    columns:\n      - name: id\n        description: "Key."\n',
  ],
  ['lists that are not', 'models:\n- name: orders\n', '  columns:\n  - name: id\n    description: "Key."\n'],
  [
    'wide dashes',
    'models:\n-   name: orders\n',
    '    columns:\n    -   name: id\n        description: "Key."\n',
  ],
  [
    'lists of columns unlike the list of models',
    'models:\n  - name: other\n    columns:\n    - name: x\n  - name: orders\n',
    '    columns:\n    - name: id\n      description: "Key."\n',
  ],
])('a new list of columns follows the style of %s', (_name, text, added) => {
  expect(patchOne(text, [documented(projectObject('orders'), undefined, { id: 'Key.' })]).text).toBe(
    text + added,
  );
});

test('line ends, a byte order mark and a missing line end at the end of the file stay', () => {
  const { text } = patchOne('\ufeffmodels:\r\n- name: orders\r\n  columns:\r\n  - name: id', [orders()]);
  expect(text).toBe(
    '\ufeffmodels:\r\n- name: orders\r\n  description: "One row per order."\r\n  columns:\r\n' +
      '  - name: id\r\n' +
      '    description: "Key."\r\n  - name: total\r\n    description: "Sum."',
  );
});

test('blank lines between columns and comments of the last column are respected', () => {
  const text =
    'models:\n  - name: orders\n    columns:\n      - name: a\n\n      - name: b\n' +
    '        # about b\n      # next\n  - name: x\n';
  const { text: patched } = patchOne(text, [
    documented(projectObject('orders'), undefined, { total: 'Sum.' }),
  ]);
  expect(patched).toBe(
    text.replace('# about b\n', '# about b\n\n      - name: total\n        description: "Sum."\n'),
  );
});

test('a column is recognised without regard to case, and by its exact name first', () => {
  const text = 'models:\n- name: orders\n  columns:\n  - name: ID\n  - name: id\n';
  const { text: patched } = patchOne(text, [
    documented(projectObject('orders'), undefined, { id: 'lower', ID: 'upper' }),
  ]);
  expect(parse(patched).models[0].columns).toEqual([
    { name: 'ID', description: 'upper' },
    { name: 'id', description: 'lower' },
  ]);
});

test('a text of several lines is no danger to a comment below it', () => {
  const text = 'models:\n  - name: orders\n    columns:\n      - name: id\n          # far right\n';
  const { text: patched, skipped } = patchOne(text, [
    documented(projectObject('orders'), undefined, { id: 'a\nb' }),
  ]);
  expect(patched).toBe(text.replace('- name: id\n', '- name: id\n        description: "a\\nb"\n'));
  expect(skipped).toEqual([]);
});
