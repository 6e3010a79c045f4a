import { dirname, join, normalize } from 'node:path';
import { isThere, pages, ROOMS, read } from './pages.ts';

const FENCE = /^(```|~~~)[\s\S]*?^\1/gm;

describe('what the pages point to is there', () => {
  test('there are pages at all', () => {
    expect(pages()).toContain('README.md');
    expect(pages().length).toBeGreaterThan(20);
  });

  test.each(pages())('every link of %s leads to a file or a heading', (page) => {
    const links = [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target ?? '');
    const broken = links.filter((target) => !/^[a-z]+:/.test(target) && !resolves(page, target));
    expect(broken).toEqual([]);
  });

  test.each(pages())('every path of our code that %s names is there', (page) => {
    const path = new RegExp(String.raw`\`((?:${ROOMS.join('|')})/[\w./-]+\.(?:ts|js|md|sh))\``, 'g');
    const named = [...prose(page).matchAll(path)].map(([, name]) => name ?? '');
    // NAME stands for what the reader adds.
    expect(named.filter((name) => !name.includes('NAME') && !isThere(name))).toEqual([]);
  });

  test.each(pages())('every npm script that %s names is there', (page) => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...read(page).matchAll(/npm (?:run (?:-s )?([\w:]+)|(start|test)\b)/g)];
    expect(named.map(([, name, short]) => name ?? short ?? '').filter((name) => !(name in scripts))).toEqual(
      [],
    );
  });
});

function prose(page: string): string {
  return read(page).replaceAll(FENCE, '');
}

function resolves(page: string, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : normalize(join(dirname(page), path));
  if (!isThere(file)) return false;
  return anchor === undefined || headings(file).includes(anchor);
}

/** As GitHub makes them: lower case, without punctuation, words joined by hyphens. */
function headings(page: string): string[] {
  return [...prose(page).matchAll(/^#+ +(.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-'),
  );
}
