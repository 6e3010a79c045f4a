import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSourceFiles } from '../../../cli/input/source-files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bursar-sources-'));
});

test('the documents of a folder come in the order of their names, a PDF as base64', () => {
  writeFileSync(join(folder, 'b_press-release.html'), '<p>Café</p>');
  writeFileSync(join(folder, 'a.pdf'), Buffer.from([0x25, 0x50, 0xff]));
  writeFileSync(join(folder, 'logo.png'), 'no document');
  expect(readSourceFiles(folder)).toEqual([
    { title: 'a', format: 'pdf', content: 'JVD/' },
    { title: 'b press release', format: 'html', content: '<p>Café</p>' },
  ]);
});

test.each<[string, string | Buffer, RegExp]>([
  ['latin.txt', Buffer.from('Caf\xe9', 'latin1'), /latin\.txt is not UTF-8/],
  ['empty.md', '', /empty\.md is empty/],
  ['sheet.xlsx', 'x', /sheet\.xlsx must be/],
])('%s is refused', (name, content, message) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  expect(() => readSourceFiles(path)).toThrow(message);
});

test('a folder without documents, and one that is not there, are refused', () => {
  mkdirSync(join(folder, 'sub'));
  expect(() => readSourceFiles(join(folder, 'sub'))).toThrow(/holds no/);
  expect(() => readSourceFiles(join(folder, 'nothing'))).toThrow(/is not there/);
});
