import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectFiles, zipFile, zipFolder } from '../../../cli/input/folder-zip.ts';
import { extractZip } from '../../../kinds/documentation/read/unzip.ts';
import { scratchFolder } from '../run-bursar.ts';

const base = scratchFolder();
let count = 0;

function project(files: Record<string, string>): string {
  const folder = join(base, String(count++));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

test('takes what describes a project and leaves out what tools made or keep secret', async () => {
  const folder = project({
    'dbt_project.yml': 'name: shop',
    'models/orders.sql': 'select 1',
    'models/schema.yaml': 'version: 2',
    'models/docs.md': '{% docs a %}',
    'seeds/raw.csv': 'id\n1',
    'target/manifest.json': '{}',
    'target/catalog.json': '{}',
    'target/run/shop/orders.sql': 'create table',
    'dbt_packages/utils/models/x.sql': 'select 1',
    'node_modules/a/b.sql': 'select 1',
    'logs/dbt.sql': 'x',
    '.git/x.sql': 'x',
    '.env.yml': 'password: x',
    'venv/lib/x.sql': 'x',
    'my-env/pyvenv.cfg': '',
    'my-env/lib/x.sql': 'x',
    'script.py': 'x',
  });
  expect(await projectFiles(folder)).toEqual([
    'dbt_project.yml',
    'models/docs.md',
    'models/orders.sql',
    'models/schema.yaml',
    'seeds/raw.csv',
    'target/catalog.json',
    'target/manifest.json',
  ]);
});

test('packs files as they are, large seeds by their header, and profiles without passwords', async () => {
  const folder = project({
    'models/orders.sql': 'select 1 -- ä',
    'seeds/large.csv': `id,name\n${'1,x\n'.repeat(400_000)}`,
    'profiles.yml':
      'shop:\n  target: dev\n  outputs:\n    dev: {type: postgres, password: hunter2, user: me}\n',
  });
  const zip = await zipFolder(folder);
  const unpacked = join(base, 'unpacked');
  await extractZip(zip.path, unpacked);
  expect(readFileSync(join(unpacked, 'models/orders.sql'), 'utf8')).toBe('select 1 -- ä');
  expect(readFileSync(join(unpacked, 'seeds/large.csv'), 'utf8')).toBe('id,name\n');
  const profiles = readFileSync(join(unpacked, 'profiles.yml'), 'utf8');
  expect(profiles).toContain('type: postgres');
  expect(profiles).not.toMatch(/hunter2|me/);
  await zip.remove();
  expect(existsSync(zip.path)).toBe(false);
});

test('knows plain files, which have no project name, from a dbt project', async () => {
  const plain = await zipFolder(project({ 'a.sql': 'select 1' }));
  const dbt = await zipFolder(project({ 'dbt_project.yml': 'name: shop', 'models/a.sql': 'select 1' }));
  expect([plain.plain, dbt.plain]).toEqual([true, false]);
  await Promise.all([plain.remove(), dbt.remove()]);
});

test('packs one file alone', async () => {
  const zip = await zipFile(join(project({ 'a.sql': 'select 1', 'b.sql': 'select 2' }), 'b.sql'));
  const unpacked = join(base, 'one');
  await extractZip(zip.path, unpacked);
  expect(readdirSync(unpacked)).toEqual(['b.sql']);
  await zip.remove();
});
