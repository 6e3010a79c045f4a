import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppError } from '../../../../domain/errors.ts';
import { fileSystemError } from '../../../../kinds/documentation/read/text-file.ts';
import { manifest, metadata, model, problemOf, schema, withModel } from './malformed.ts';
import { fixture, folderWith } from './temporary-folder.ts';

const FILES: [string, string | Buffer, RegExp][] = [
  ['an empty file', '', /^m\.json: is empty$/],
  ['a file of spaces', ' \n ', /is empty/],
  [
    'truncated JSON',
    '{"metadata": {\n  "dbt_schema_version": "x',
    /a text that does not end.* at line 2, column 25/,
  ],
  ['JSON cut off between values', '{"a": [1,\n2', /the file ends in the middle.* at line 2, column 2/],
  [
    'JSON with a stray word',
    '{"a": 1,\n "b": NaN}',
    /found "NaN}" where value was expected at line 2, column 7/,
  ],
  ['JSON with a comma too many', '{"a": 1,}', /found "}" where name was expected at line 1, column 9/],
  [
    'two JSON documents',
    '{} {}',
    /found "\{}" where a comma or a closing bracket was expected at line 1, column 4/,
  ],
  ['JSON nested 200,000 deep', `${'['.repeat(200_000)}`, /the file ends in the middle/],
  ['JSON that is a list', '[]', /expected an object, found an array/],
  ['JSON of something else', '{"name": "x"}', /metadata is missing/],
  ['metadata without a schema', '{"metadata": {}}', /metadata\.dbt_schema_version is missing/],
  ['metadata of another tool', '{"metadata": {"dbt_schema_version": "v1"}}', /dbt_schema_version is "v1"/],
  ['metadata that is null', '{"metadata": null}', /metadata is missing/],
  [
    'a newer version',
    JSON.stringify({ metadata: { dbt_schema_version: schema('manifest', 13) } }),
    /v13.*v1 to v12/,
  ],
  [
    'an older version',
    JSON.stringify({ metadata: { dbt_schema_version: schema('manifest', 0) } }),
    /v0;.*v1 to v12/,
  ],
  [
    'run results',
    JSON.stringify({ metadata: { dbt_schema_version: schema('run-results', 6) } }),
    /is a dbt run-results/,
  ],
  ['a manifest without nodes', JSON.stringify({ metadata }), /nodes: expected an object.*found missing/],
  ['nodes that are a list', manifest([]), /nodes: expected an object keyed by unique id, found an array/],
  ['sources that are text', manifest({}, { sources: 'x' }), /sources: expected an object.*found a string/],
  ['a manifest without models', manifest({}), /holds no model/],
  [
    'a node that is null',
    manifest({ 'model.p.a': null }),
    /nodes\.model\.p\.a\.resource_type: expected string/,
  ],
  [
    'a node that is a number',
    manifest({ 'model.p.a': 7 }),
    /nodes\.model\.p\.a\.resource_type: expected string/,
  ],
  [
    'a name of the wrong type',
    withModel({ name: 7 }),
    /nodes\.model\.p\.a\.name: expected string, found number/,
  ],
  [
    'columns of the wrong type',
    withModel({ columns: [] }),
    /nodes\.model\.p\.a\.columns: expected record, found array/,
  ],
  [
    'a description of the wrong type',
    withModel({ columns: { id: { name: 'id', description: {} } } }),
    /nodes\.model\.p\.a\.columns\.id\.description: expected string, found object/,
  ],
  [
    'parents of the wrong type',
    withModel({ depends_on: { nodes: 'x' } }),
    /depends_on\.nodes: expected array/,
  ],
  [
    'a name with a slash',
    withModel({ name: '../../etc/passwd' }),
    /"\.\.\/\.\.\/etc\/passwd" is no name for a model/,
  ],
  ['a name of dots', withModel({ name: '..' }), /"\.\." is no name for a model/],
  [
    'a path that leads out',
    withModel({ original_file_path: 'models/../../x.sql' }),
    /leads out of the project/,
  ],
  ['an absolute path', withModel({ original_file_path: '/etc/x.sql' }), /leads out of the project/],
  ['a patch path that leads out', withModel({ patch_path: 'p://../x.yml' }), /leads out of the project/],
  ['two nodes of one id', manifest({ x: model, y: model }), /two nodes have the unique id model\.p\.a/],
  ['a binary', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1]), /is a binary file/],
  ['a zip', Buffer.from('PK\u0003\u0004....'), /is a zip archive/],
  ['UTF-16', Buffer.from('\uFEFF{}', 'utf16le'), /is UTF-16; save it as UTF-8/],
  ['text that is not UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), /is not valid UTF-8/],
  ['text that is no JSON', 'models: []', /is neither a dbt manifest \(JSON\) nor a \.sql file/],
];

describe('a malformed file gives one clear message', () => {
  test.each(FILES)('%s', async (_, content, message) => {
    const folder = await folderWith({ 'm.json': content });
    const error = await problemOf(join(folder, 'm.json'));
    expect(error.code).toBe('invalid_input');
    expect(error.publicMessage).toMatch(message);
    expect(error.publicMessage).toMatch(/^m\.json: /);
    expect(error.publicMessage).not.toContain('\n');
    expect(error.details).toHaveLength(1);
  });

  test('a file of 300 MB is refused by its size, unread', async () => {
    const folder = await folderWith({ 'm.json': '{', 'a.sql': 'x' });
    for (const name of ['m.json', 'a.sql']) {
      await truncate(join(folder, name), 300 * 1024 * 1024);
      const error = await problemOf(join(folder, name));
      expect(error.code).toBe('too_large');
      expect(error.publicMessage).toBe(`${name}: is 300 MB large; at most 200 MB are read`);
    }
  });

  test('a path that does not exist, or that may not be read', async () => {
    expect((await problemOf('/no/such/path.json')).publicMessage).toMatch('there is no such file or folder');
    expect((await problemOf(join(fixture('v1.json'), 'below'))).publicMessage).toMatch(
      'there is no such file',
    );
    const denied = fileSystemError(Object.assign(new Error('no'), { code: 'EACCES' }), 'm.json') as AppError;
    expect(denied.publicMessage).toBe('m.json: may not be read: permission denied');
    const unknown = new Error('disk on fire');
    expect(fileSystemError(unknown, 'm.json')).toBe(unknown);
  });

  test('a catalog in place of the manifest, and the other way round', async () => {
    expect((await problemOf(fixture('catalog.json'))).publicMessage).toMatch(
      'is a dbt catalog, not a manifest; give the manifest first, and the catalog as --catalog',
    );
    expect((await problemOf(fixture('v12.json'), fixture('v12.json'))).publicMessage).toMatch(
      'is a dbt manifest, not a catalog; were the manifest and the catalog swapped?',
    );
  });

  test('the catalog of another project, or one with wrong types', async () => {
    const catalog = (nodes: unknown) =>
      JSON.stringify({ metadata: { dbt_schema_version: schema('catalog', 1) }, nodes, sources: {} });
    const folder = await folderWith({
      'other.json': catalog({ 'model.other.x': { columns: {} } }),
      'wrong.json': catalog({ 'model.shop.customers': { columns: { id: { name: 'id', type: 7 } } } }),
      'list.json': catalog([1]),
    });
    const problem = async (name: string) =>
      (await problemOf(fixture('v12.json'), join(folder, name))).publicMessage;
    expect(await problem('other.json')).toMatch('describes none of the objects of the project');
    expect(await problem('wrong.json')).toMatch(
      'nodes.model.shop.customers.columns.id.type: expected string',
    );
    expect(await problem('list.json')).toMatch('list.json: nodes: expected object');
    expect(await problem('missing.json')).toMatch('there is no such file');
  });
});
