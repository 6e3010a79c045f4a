import { documented, projectObject } from './objects.ts';
import { orders, patchOne } from './patch-one.ts';

test.each([
  'plain',
  '"quoted"',
  '\'{{ doc("orders") }}\'',
  '{{ doc("orders") }} and',
  '>\n      folded',
  '*text',
])('human text stays: %s', (human) => {
  const text = `x: &text other\nmodels:\n  - name: orders\n    description: ${human}\n    columns: []\n`;
  const result = patchOne(text, [documented(projectObject('orders'), 'Generated.')]);
  expect(result.text).toBe(text);
  expect(result.files[0]?.added).toBe(0);
});

test('descriptions that people wrote are counted', () => {
  const text =
    'models:\n- name: orders\n  description: a\n  columns:\n  - {name: id, description: b}\n' +
    '  - name: total\n';
  expect(patchOne(text, [orders()])).toMatchObject({ kept: 2, files: [{ added: 1 }] });
});

test('other sections of the same file stay, also where they hold the same names', () => {
  const rest =
    'sources:\n  - name: orders\n    tables:\n      - name: orders\nseeds:\n' +
    '  - name: orders\nexposures:\n  - name: orders\n';
  const { text } = patchOne(`${rest}models:\n  - name: orders\n`, [orders({})]);
  expect(text).toBe(`${rest}models:\n  - name: orders\n    description: "One row per order."\n`);
});

test.each([
  [
    'an alias as the list of columns',
    '  - name: other\n    columns: &c\n      - name: id\n  - name: orders\n    columns: *c\n',
  ],
  [
    'an anchor that is used elsewhere',
    '  - name: orders\n    columns: &c\n      - name: id\n  - name: other\n    columns: *c\n',
  ],
  ['an entry that is an alias', '  - *entry\nother: 1\n'],
  ['a merge key', '  - name: orders\n    <<: *entry\n'],
  ['a tag on the empty description', '  - name: orders\n    description: !!str\n    columns: &x []\nz: *x\n'],
  ['an explicit key', '  - name: orders\n    ? description\n    columns: 5\n'],
])('%s is skipped with a reason', (_name, models) => {
  const text = `entry: &entry\n  name: orders\nmodels:\n${models}`;
  const { skipped, ...result } = patchOne(text, [
    documented(projectObject('orders'), undefined, { id: 'Key.' }),
  ]);
  expect(result.text).toBe(text);
  expect(skipped).toHaveLength(1);
  expect(skipped[0]).toMatchObject({ object: 'model.shop.orders', reason: expect.stringMatching(/\w{3}/) });
});

test.each([
  ['broken YAML', 'models:\n  - name: "orders\n'],
  ['a template around the list', 'models:\n{% for x in y %}\n  - name: orders\n{% endfor %}\n'],
  ['two documents', 'models: []\n---\nmodels:\n  - name: orders\n'],
  ['the same key twice', 'models:\n  - name: orders\n    name: orders\n'],
  ['old line ends', 'models:\r  - name: orders\r'],
])('%s leaves the file as it is, and makes no second entry elsewhere', (_name, text) => {
  const result = patchOne(text, [orders()]);
  expect(result.files).toEqual([{ path: 'models/schema.yml', text, added: 0 }]);
  expect(result.skipped).toEqual([
    { object: 'model.shop.orders', reason: expect.stringContaining('models/schema.yml') },
  ]);
});

test('a file that would read back otherwise than expected stays as it is', () => {
  const versions = '&shared\n      - v: 1\n        columns:\n          - name: id\n';
  const text = `models:\n  - name: orders\n    versions: ${versions}  - name: other\n    versions: *shared\n`;
  const object = projectObject('orders', { uniqueId: 'model.shop.orders.v1' });
  const { skipped, ...result } = patchOne(text, [documented(object, 'One row per order.', { id: 'Key.' })]);
  expect(result.text).toBe(text);
  expect(result.files[0]?.added).toBe(0);
  expect(skipped).toEqual([
    { object: 'model.shop.orders.v1', reason: expect.stringContaining('did not read back as expected') },
  ]);
});

test('nothing is added behind a block of text that ends with the file, without a line end', () => {
  const text = 'models:\n- name: orders\n  description: |\n    By people.';
  const result = patchOne(text, [orders({ id: 'Key.' })]);
  expect(result.text).toBe(text);
  expect(result.skipped).toEqual([
    { object: 'model.shop.orders', column: 'id', reason: expect.stringContaining('without a line end') },
  ]);
});

test('documents that people rejected, and objects that are no models, are skipped with the reason', () => {
  const text = 'models:\n- name: orders\nseeds:\n- name: codes\n';
  const seed = projectObject('codes', { resourceType: 'seed', uniqueId: 'seed.shop.codes' });
  const result = patchOne(text, [{ ...orders(), state: 'rejected' }, documented(seed, 'Codes.')]);
  expect(result.text).toBe(text);
  expect(result.skipped.map(({ object }) => object)).toEqual(['model.shop.orders', 'seed.shop.codes']);
});
