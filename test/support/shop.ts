import { mkdtempSync, openAsBlob, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const TARGET = join(import.meta.dirname, '../../examples/shop/target');

/** The sample project that comes with Bursar: 15 models. */
export const SHOP = { manifest: join(TARGET, 'manifest.json'), catalog: join(TARGET, 'catalog.json') };

/**
 * A manifest of any number of models, written to a temporary file: layers of models that read one to three of
 * the layer above, in the shape of real ones.
 * @returns its path.
 */
export function manifestOf(models: number, options: { parents?: boolean } = {}): string {
  const shop = JSON.parse(readFileSync(SHOP.manifest, 'utf8')) as {
    metadata: Record<string, unknown>;
    nodes: Record<string, Record<string, unknown>>;
  };
  const nodes: Record<string, unknown> = {};
  const templates = Object.values(shop.nodes).filter((node) => node.resource_type === 'model');
  for (let index = 0; index < models; index += 1) {
    const template = templates[index % templates.length] ?? {};
    const name = `model_${String(index).padStart(6, '0')}`;
    const parents = options.parents === false ? [] : parentsOf(index);
    nodes[`model.big.${name}`] = {
      ...template,
      unique_id: `model.big.${name}`,
      name,
      alias: name,
      package_name: 'big',
      fqn: ['big', name],
      path: `${name}.sql`,
      original_file_path: `models/${name}.sql`,
      patch_path: null,
      depends_on: {
        macros: [],
        nodes: parents.map((at) => `model.big.model_${String(at).padStart(6, '0')}`),
      },
      raw_code: `-- ${index}\n${template.raw_code}`,
      compiled_code: `-- ${index}\n${template.compiled_code}`,
    };
  }
  const manifest = {
    ...shop,
    metadata: { ...shop.metadata, project_name: `big_${models}` },
    nodes,
    sources: {},
    parent_map: {},
    child_map: {},
  };
  const path = join(mkdtempSync(join(tmpdir(), 'bursar-manifest-')), 'manifest.json');
  writeFileSync(path, JSON.stringify(manifest));
  return path;
}

/** Layers of 100: each model reads up to three of the layer above. */
function parentsOf(index: number): number[] {
  if (index < 100) return [];
  const start = Math.floor(index / 100) * 100 - 100;
  return [0, 1, 2].slice(0, 1 + (index % 3)).map((step) => start + ((index + step * 7) % 100));
}

/** Its manifest as a browser would upload it, with further fields. */
export async function shopForm(fields: Record<string, string> = {}): Promise<FormData> {
  const form = new FormData();
  form.append('manifest', await openAsBlob(SHOP.manifest), 'manifest.json');
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
}
