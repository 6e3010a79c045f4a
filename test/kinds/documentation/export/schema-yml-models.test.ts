import { parse } from 'yaml';
import type { DocumentedObject } from '../../../../domain/project.ts';
import { patchSchemaYml } from '../../../../kinds/documentation/export/schema-yml.ts';
import { column, documented, projectObject } from './objects.ts';
import { orders, patchOne } from './patch-one.ts';

const version = (number: number, columns: string[]) =>
  projectObject('orders', {
    uniqueId: `model.shop.orders.v${number}`,
    columns: columns.map((name) => column(name)),
  });

test('a model with versions is described by its latest one, common columns by what all versions have', () => {
  const objects = [
    version(1, ['id', 'old', 'both']),
    version(10, ['id', 'new', 'both']),
    version(2, ['id', 'both']),
  ];
  const documents = objects.map((object, index) =>
    documented(
      object,
      `Summary ${index}.`,
      Object.fromEntries(object.columns.map(({ name }) => [name, `${name} ${index}.`])),
    ),
  );
  const text =
    'models:\n  - name: orders\n    columns:\n      - name: id\n    versions:\n      - v: 1\n' +
    '        columns:\n' +
    '          - include: all\n          - name: old\n      - v: 2\n      - v: 10\n';
  const { text: patched, skipped } = patchOne(text, documents, objects);
  expect(parse(patched).models[0]).toEqual({
    name: 'orders',
    description: 'Summary 1.',
    columns: [
      { name: 'id', description: 'id 1.' },
      { name: 'both', description: 'both 1.' },
    ],
    versions: [
      { v: 1, columns: [{ include: 'all' }, { name: 'old', description: 'old 0.' }] },
      { v: 2 },
      { v: 10 },
    ],
  });
  expect(skipped).toEqual([{ object: 'model.shop.orders.v10', column: 'new', reason: expect.any(String) }]);
});

test('latest_version decides which version is the latest', () => {
  const objects = [version(1, []), version(2, [])];
  const documents = objects.map((object, index) => documented(object, `Summary ${index}.`));
  const text = 'models:\n  - name: orders\n    latest_version: 1\n    versions: [{v: 1}, {v: 2}]\n';
  expect(parse(patchOne(text, documents).text).models[0].description).toBe('Summary 0.');
});

test('of two packages with the same model each is described in its own file', () => {
  const inShop = projectObject('orders', { patchPath: 'shop://models/a.yml' });
  const inLib = projectObject('orders', {
    uniqueId: 'model.lib.orders',
    packageName: 'lib',
    patchPath: 'models/b.yml',
  });
  const documents = [documented(inLib, 'Lib.'), documented(inShop, 'Shop.')];
  const files = ['models/a.yml', 'models/b.yml'].map((path) => ({
    path,
    text: 'models:\n- name: orders\n',
  }));
  const result = patchSchemaYml(files, documents, [inShop, inLib]);
  expect(result.files.map((file) => parse(file.text).models[0].description)).toEqual(['Shop.', 'Lib.']);
});

test('where it cannot be said which of two models is meant, none is described', () => {
  const other = documented(projectObject('orders', { uniqueId: 'model.lib.orders' }), 'Lib.');
  const result = patchOne('models:\n- name: orders\n', [orders(), other]);
  expect(result.text).toBe('models:\n- name: orders\n');
  expect(result.skipped).toHaveLength(2);
});

test('go to one new file per folder, in order, beside files that exist', () => {
  const documents = [
    documented(projectObject('b', { path: 'models/marts/b.sql' }), 'B.', { id: 'Key of "b".' }),
    documented(projectObject('a', { path: 'models/marts/a.sql' }), 'A.'),
    documented(projectObject('c', { path: 'models\\staging\\c.sql' }), 'C.'),
    documented(projectObject('nothing'), '', { id: ' ' }),
  ];
  const files = [{ path: 'models/marts/_bursar_models.yml', text: 'version: 2\n' }];
  const result = patchSchemaYml(
    files,
    documents,
    documents.map(({ object }) => object),
  );
  expect(result.files).toEqual([
    { path: 'models/marts/_bursar_models.yml', text: 'version: 2\n', added: 0 },
    {
      path: 'models/marts/_bursar_models_2.yml',
      text:
        'version: 2\n\nmodels:\n  - name: a\n    description: "A."\n\n  - name: b\n' +
        '    description: "B."\n    columns:\n' +
        '      - name: id\n        description: "Key of \\"b\\"."\n',
      added: 3,
    },
    {
      path: 'models/staging/_bursar_models.yml',
      text: 'version: 2\n\nmodels:\n  - name: c\n    description: "C."\n',
      added: 1,
    },
  ]);
  expect(result.skipped).toEqual([]);
});

test('the order of the documents does not change the result', () => {
  const documents = ['x', 'y', 'z'].map((name) => documented(projectObject(name), `${name}.`));
  const patch = (each: DocumentedObject[]) => patchSchemaYml([], each, []).files;
  expect(patch([...documents].reverse())).toEqual(patch(documents));
});

test('one whose yml is not at hand, or whose path is unknown, is skipped with a reason', () => {
  const documents = [
    documented(projectObject('a', { patchPath: 'shop://models/a.yml' }), 'A.'),
    documented(projectObject('b', { path: '' }), 'B.'),
    documented(projectObject('c', { path: '../../c.sql' }), 'C.'),
  ];
  const result = patchSchemaYml([], documents, []);
  expect(result.files).toEqual([]);
  expect(result.skipped.map(({ reason }) => reason)).toEqual([
    'it is described in models/a.yml, which is not at hand',
    expect.stringContaining('path'),
    expect.stringContaining('path'),
  ]);
});

test('what people described elsewhere is not described again', () => {
  const object = projectObject('a', {
    description: 'By people.',
    columns: [column('id', { description: 'By people.' })],
  });
  const result = patchSchemaYml([], [documented(object, 'A.', { id: 'Key.', total: 'Sum.' })], [object]);
  expect(result.kept).toBe(2);
  expect(parse(result.files[0]?.text ?? '').models).toEqual([
    { name: 'a', columns: [{ name: 'total', description: 'Sum.' }] },
  ]);
});
