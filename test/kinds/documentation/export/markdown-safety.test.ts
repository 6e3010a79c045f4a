import fc from 'fast-check';
import { column, documented, projectObject } from './objects.ts';
import { pageOf, pagesOf } from './pages.ts';

/** Cells of a row as GitHub splits it: at pipes that no backslash escapes. */
function cellsOf(row: string): string[] {
  return row
    .split(/(?<!\\)(?:\\\\)*\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
}

test('cannot break a table, whatever pipes, line breaks, backticks and backslashes it holds', () => {
  const odd = fc.oneof(
    fc.string(),
    fc
      .array(fc.constantFrom('|', '\\', '`', '``', '\n', '\r', 'a', ' ', '<b>', '# '))
      .map((all) => all.join('')),
  );
  fc.assert(
    fc.property(odd, odd, odd, (name, type, text) => {
      const object = projectObject('m', {
        columns: [column(name, { type, tests: [text], description: text })],
      });
      const lines = pageOf(documented(object, text, { [name]: type }))
        .split('## Columns\n')
        .at(-1)
        ?.split('## Lineage')[0]
        ?.trim()
        .split(/[\r\n]+/)
        .filter((line) => line.startsWith('|'));
      expect(lines).toHaveLength(3);
      for (const line of lines ?? []) expect(cellsOf(line)).toHaveLength(4);
    }),
  );
});

test('cannot break a diagram: labels hold letters, digits and entity codes only', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.constantFrom('end', '%%{init: {}}%%', '"]; click', '`x`', '<b>')),
      (name) => {
        const page = [
          ...pagesOf(
            // Longer than any name made here: two objects of one id are no project.
            [documented(projectObject(name, { parents: ['model.shop.another_object'] }), 'x')],
            [projectObject('another_object')],
          ).values(),
        ];
        for (const text of page) {
          const diagram = /```mermaid\n([\s\S]*?)\n```/.exec(text)?.[1]?.split('\n') ?? [];
          expect(diagram[0]).toBe('flowchart LR');
          for (const line of diagram.slice(1)) {
            expect(line).toMatch(
              /^ {2}(n\d+\["([\p{L}\p{N} _.…-]|#\d+;)+"\]|n\d+ --> n\d+|style n\d+ stroke-width:4px)$/u,
            );
          }
        }
      },
    ),
  );
});

test('cannot take over the page: headings sink, open code closes, HTML and dead links are text', () => {
  const summary =
    '# Title\n<details>\nSee [docs](other.md), [site](https://example.org) and `a < <b>`.\n' +
    '===\n```sql\nselect <x>';
  const page = pageOf(documented(projectObject('m'), summary));
  expect(page).toContain(
    '## Summary\n\n### Title\n&lt;details>\n' +
      'See docs (`other.md`), [site](https://example.org) and `a < <b>`.\n\\===\n```sql\n' +
      'select <x>\n```\n\n## Columns',
  );
});

test('odd names make titles and links that show as they are', () => {
  const pages = pagesOf([
    documented(projectObject('a*b_|`[x](y) <i>'), 'x'),
    documented(projectObject('__init__'), 'x'),
  ]);
  expect([...pages.keys()]).toEqual(['index.md', 'models/__init__.md', 'models/a-b_-x-y-i.md']);
  expect(pages.get('models/__init__.md')).toMatch(/^# \\_\\_init\\_\\_\n/);
  expect(pages.get('models/a-b_-x-y-i.md')).toMatch(/^# a\\\*b\\_\\\|\\`\\\[x\\\]\(y\) \\<i\\>\n/);
  expect(pages.get('index.md')).toContain('[``a*b_\\|`[x](y) <i>``](models/a-b_-x-y-i.md)');
});
