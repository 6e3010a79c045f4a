import { problemOf } from './malformed.ts';
import { folderWith } from './temporary-folder.ts';

const project = (files: Record<string, string | Buffer>) => ({ 'dbt_project.yml': 'name: p', ...files });

const FOLDERS: [string, Record<string, string | Buffer>, RegExp][] = [
  ['a folder without SQL', { 'readme.md': 'x' }, /holds no \.sql file, so there is nothing to document/],
  [
    'a project without SQL',
    project({ 'other/a.sql': 'select 1' }),
    /no \.sql file under its model-paths \(models\)/,
  ],
  ['an empty dbt_project.yml', { 'dbt_project.yml': '' }, /^dbt_project\.yml: is empty/],
  [
    'a project without a name',
    { 'dbt_project.yml': 'version: 1' },
    /^dbt_project\.yml: name: expected string/,
  ],
  [
    'a model path that leads out',
    { 'dbt_project.yml': 'name: p\nmodel-paths: [../x]' },
    /model-paths: "\.\.\/x" leads/,
  ],
  [
    'duplicate model names',
    project({ 'models/a.sql': '1', 'models/x/a.sql': '1' }),
    /models\/x\/a\.sql.*models\/a\.sql/,
  ],
  [
    'yml with a tab',
    project({ 'models/a.sql': '1', 'models/s.yml': 'models:\n\t- name: a' }),
    /^models\/s\.yml: line 2, column 1: is not valid yml: tabs/,
  ],
  [
    'yml with a key twice',
    project({ 'models/a.sql': '1', 'models/s.yml': 'models:\n  - name: a\n    name: b' }),
    /^models\/s\.yml: line 3, column 5: .*unique/,
  ],
  [
    'yml with a text that does not end',
    project({ 'models/a.sql': '1', 'models/s.yml': 'models:\n  - name: "a' }),
    /^models\/s\.yml: line 2, column \d+: .*missing closing/,
  ],
  [
    'yml of the wrong types',
    project({ 'models/a.sql': '1', 'models/s.yml': 'models:\n  - name: a\n    columns: id' }),
    /^models\/s\.yml: line 3: models\.0\.columns: expected array, found string/,
  ],
  [
    'a yml entry without a name',
    project({ 'models/a.sql': '1', 'models/s.yml': 'models:\n  - description: x' }),
    /^models\/s\.yml: line 2: models\.0\.name: /,
  ],
  [
    'yml aliases that multiply',
    project({ 'models/a.sql': '1', 'models/s.yml': multiplying() }),
    /^models\/s\.yml: is not valid yml: excessive alias count/,
  ],
  [
    'SQL that is a binary',
    project({ 'models/a.sql': Buffer.from([0, 1]) }),
    /^models\/a\.sql: is a binary file/,
  ],
  [
    'SQL that is not UTF-8',
    project({ 'models/a.sql': Buffer.from([0xc3]) }),
    /^models\/a\.sql: is not valid UTF-8/,
  ],
  [
    'a manifest in target/ that is cut off',
    project({ 'models/a.sql': '1', 'target/manifest.json': '{' }),
    /^target\/manifest\.json: is not valid JSON/,
  ],
];

/** Each level holds the one before ten times. */
function multiplying(): string {
  const levels = Array.from(
    { length: 9 },
    (_, i) => `l${i + 1}: &l${i + 1} [${Array(10).fill(`*l${i}`).join(', ')}]`,
  );
  return `l0: &l0 [x]\n${levels.join('\n')}\nmodels:\n  - name: a\n`;
}

describe('a malformed folder gives one clear message', () => {
  test.each(FOLDERS)('%s', async (_, files, message) => {
    const error = await problemOf(await folderWith(files));
    expect(error.code).toBe('invalid_input');
    expect(error.publicMessage).toMatch(message);
    expect(error.publicMessage).not.toContain('\n');
  });
});
