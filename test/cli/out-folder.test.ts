import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkOutFolder, writeOutFolder } from '../../cli/out-folder.ts';
import { scratchFolder } from './run-bursar.ts';

const base = scratchFolder();
let count = 0;
const newFolder = () => join(base, String(count++));
const page = (path: string, text = path) => ({ path, text });

test('writes pages into folders, and writes over its own ones the next time', () => {
  const out = newFolder();
  writeOutFolder(out, [page('index.md', 'one'), page('models/a.md')]);
  writeOutFolder(out, [page('index.md', 'two'), page('models/a.md')]);
  expect(readFileSync(join(out, 'index.md'), 'utf8')).toBe('two');
  expect(readFileSync(join(out, 'models/a.md'), 'utf8')).toBe('models/a.md');
});

test('writes nothing at all where one file would replace one of somebody else', () => {
  const out = newFolder();
  mkdirSync(join(out, 'models'), { recursive: true });
  writeFileSync(join(out, 'models/a.md'), 'mine');
  expect(() => writeOutFolder(out, [page('index.md'), page('models/a.md')])).toThrow(
    /models\/a\.md, which was not written by Bursar/,
  );
  expect(readFileSync(join(out, 'models/a.md'), 'utf8')).toBe('mine');
  expect(readdirSync(out)).toEqual(['models']);
});

test('keeps a page that somebody changed since, and says so before a run is paid for', () => {
  const out = newFolder();
  writeOutFolder(out, [page('index.md'), page('a.md')]);
  writeFileSync(join(out, 'a.md'), 'corrected by hand');
  expect(() => checkOutFolder(out)).toThrow(/a\.md, which was changed by hand/);
  expect(() => writeOutFolder(out, [page('a.md', 'new')])).toThrow(/changed by hand/);
  expect(readFileSync(join(out, 'a.md'), 'utf8')).toBe('corrected by hand');
});

test('removes its pages of models that are gone, but not what others put there', () => {
  const out = newFolder();
  writeOutFolder(out, [page('index.md'), page('models/old.md'), page('models/deep/older.md')]);
  writeFileSync(join(out, 'models/notes.txt'), 'mine');
  writeOutFolder(out, [page('index.md')]);
  expect(existsSync(join(out, 'models/old.md'))).toBe(false);
  expect(existsSync(join(out, 'models/deep'))).toBe(false);
  expect(readFileSync(join(out, 'models/notes.txt'), 'utf8')).toBe('mine');
});

test.each(['../escape.md', '/etc/escape.md', 'a/../../escape.md', '.bursar-docs.json'])(
  'refuses the path %s, which a foreign project could name',
  (path) => {
    const out = newFolder();
    expect(() => writeOutFolder(out, [page('index.md'), page(path)])).toThrow(/outside of the --out folder/);
    expect(existsSync(out)).toBe(false);
  },
);

test('accepts a folder of other things, and refuses a file or a foreign index', () => {
  const out = newFolder();
  mkdirSync(out);
  writeFileSync(join(out, 'README.md'), 'mine');
  expect(() => checkOutFolder(out)).not.toThrow();
  expect(() => checkOutFolder(join(out, 'README.md'))).toThrow(/is not a folder/);
  writeFileSync(join(out, 'index.md'), 'mine');
  expect(() => checkOutFolder(out)).toThrow(/index\.md, which was not written by Bursar/);
  expect(() => checkOutFolder(newFolder())).not.toThrow();
});
