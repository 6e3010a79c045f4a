import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readProject } from '../../../../kinds/documentation/read/project.ts';
import { find } from './find-object.ts';
import { fixture, folderWith } from './temporary-folder.ts';

interface Node {
  raw_code: string;
  columns: Record<string, object>;
}

/** The hash of `stg_orders` with some fields of its node changed. */
async function hashWith(change: (node: Node) => object): Promise<string> {
  const manifest = JSON.parse(await readFile(fixture('v12.json'), 'utf8'));
  const node = manifest.nodes['model.shop.stg_orders'];
  Object.assign(node, change(node));
  const folder = await folderWith({ 'manifest.json': JSON.stringify(manifest) });
  return find(await readProject(join(folder, 'manifest.json')), 'model.shop.stg_orders').hash;
}

const status = (node: Node, change: object) => ({
  columns: { ...node.columns, status: { ...node.columns.status, ...change } },
});

describe('the hash of an object', () => {
  test.each<[string, (node: Node) => object]>([
    ['line endings', (node) => ({ raw_code: node.raw_code.replaceAll('\n', '\r\n') })],
    ['white space at line ends', (node) => ({ raw_code: `${node.raw_code.replaceAll('\n', '  \n')}\n\n` })],
    [
      'the order of keys',
      (node) => ({ columns: Object.fromEntries(Object.entries(node.columns).reverse()) }),
    ],
    ['fields that are not read', () => ({ created_at: 0 })],
  ])('stays when %s change', async (_, change) => {
    expect(await hashWith(change)).toBe(await hashWith(() => ({})));
  });

  test.each<[string, (node: Node) => object]>([
    ['the code', (node) => ({ raw_code: `${node.raw_code} where 1 = 1` })],
    ['the compiled code', () => ({ compiled_code: 'select 1' })],
    ['the description', () => ({ description: 'Something else.' })],
    ['a column description', (node) => status(node, { description: 'State.' })],
    ['a column type', (node) => status(node, { data_type: 'int' })],
    ['the set of columns', () => ({ columns: {} })],
  ])('changes with %s', async (_, change) => {
    const hash = await hashWith(change);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(hash).not.toBe(await hashWith(() => ({})));
  });

  test('changes with the tests', async () => {
    const manifest = JSON.parse(await readFile(fixture('v12.json'), 'utf8'));
    for (const [id, node] of Object.entries<{ name: string }>(manifest.nodes)) {
      if (node.name.startsWith('unique_stg_orders')) delete manifest.nodes[id];
    }
    const folder = await folderWith({ 'manifest.json': JSON.stringify(manifest) });
    const changed = find(await readProject(join(folder, 'manifest.json')), 'model.shop.stg_orders');
    expect(changed.columns[0]?.tests).toEqual(['not_null']);
    expect(changed.hash).not.toBe(await hashWith(() => ({})));
  });
});
