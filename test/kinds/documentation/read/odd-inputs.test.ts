import { join } from 'node:path';
import { readProject } from '../../../../kinds/documentation/read/project.ts';
import { manifest, metadata, model, withModel } from './malformed.ts';
import { folderWith } from './temporary-folder.ts';

describe('an odd input is read all the same', () => {
  const read = async (content: string) =>
    readProject(join(await folderWith({ 'm.json': content }), 'm.json'));

  test('with a byte order mark', async () => {
    expect((await read(`\uFEFF${withModel({})}`)).objects).toHaveLength(1);
  });

  test('with keys and names that JavaScript uses itself', async () => {
    const nodes = `{"__proto__": {"polluted": true, "resource_type": "x"}, "model.p.a": ${JSON.stringify({
      ...model,
      name: 'constructor',
      columns: { toString: { name: 'toString' } },
      depends_on: { nodes: ['__proto__', 'constructor'] },
    })}}`;
    const content = `{"metadata": ${JSON.stringify(metadata)}, "nodes": ${nodes}, "sources": {}}`;
    const project = await read(content);
    expect(project.objects).toMatchObject([
      { name: 'constructor', parents: [], columns: [{ name: 'toString' }] },
    ]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test('with fields that no version knows, deeply nested ones too', async () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const content = withModel({}).replace('"name":"a"', `"name":"a","new_field":${deep}`);
    expect((await read(content)).objects).toHaveLength(1);
  });

  test('with a circle and a parent that is missing, which are told', async () => {
    const content = manifest({
      'model.p.a': { ...model, depends_on: { nodes: ['model.p.b', 'model.p.gone', 'macro.p.m'] } },
      'model.p.b': { ...model, unique_id: 'model.p.b', name: 'b', depends_on: { nodes: ['model.p.a'] } },
    });
    expect((await read(content)).warnings).toEqual([
      'model.p.a depends on model.p.gone, which the manifest does not hold.',
      'These objects refer to each other in a circle and are taken together: model.p.a, model.p.b.',
    ]);
  });

  test('with paths as Windows writes them', async () => {
    const content = withModel({
      original_file_path: 'models\\core\\a.sql',
      patch_path: 'p://models\\core\\a.yml',
    });
    expect((await read(content)).objects).toMatchObject([
      { path: 'models/core/a.sql', patchPath: 'models/core/a.yml' },
    ]);
  });

  test('with more to warn of than people read: at most 100 warnings, and how many more', async () => {
    const nodes = Array.from({ length: 150 }, (_, i) => `model.p.gone${i}`);
    const { warnings } = await read(withModel({ depends_on: { nodes } }));
    expect(warnings).toHaveLength(100);
    expect(warnings.at(-1)).toBe('… and 51 more warnings');
  });
});
