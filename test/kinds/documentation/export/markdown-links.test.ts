import { posix } from 'node:path';
import fc from 'fast-check';
import { cpuMs } from '../../../support/cpu-time.ts';
import { column, documented, projectObject } from './objects.ts';
import { pagesOf } from './pages.ts';

function expectLinksToResolve(pages: Map<string, string>): number {
  let count = 0;
  for (const [path, text] of pages) {
    const outsideCode = text
      .replace(/^ *(```|~~~)[\s\S]*?^ *\1/gm, '')
      .replace(/(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, 'code');
    for (const [, target = ''] of outsideCode.matchAll(/(?<!\\)\]\(([^)\s]*)\)/g)) {
      if (/^(https?:|mailto:)/.test(target)) continue;
      count += 1;
      if (target.startsWith('#'))
        expect(text).toContain(`## ${target.slice(1, 2).toUpperCase()}${target.slice(2)}\n`);
      else expect([...pages.keys()]).toContain(posix.join(posix.dirname(path), target));
    }
  }
  return count;
}

test('every relative link of every page leads to a page, whatever the names and texts are', () => {
  const names = fc.uniqueArray(
    fc.oneof(fc.string(), fc.constantFrom('a', 'A', 'a/b', '../x', 'con', '', '.', 'é', '[x](y)')),
    {
      minLength: 1,
      maxLength: 8,
    },
  );
  fc.assert(
    fc.property(names, fc.constantFrom('x', '[a](b.md)', '![i](p.png) ', '[r]: z.md'), (list, text) => {
      const documents = list.map((name, index) =>
        documented(
          projectObject(name, {
            uniqueId: `model.p${index}.${name}`,
            description: text,
            parents: index === 0 ? [] : [`model.p${index - 1}.${list[index - 1]}`],
          }),
          text,
          { [`c ${text}`]: text },
        ),
      );
      const pages = pagesOf(documents);
      expect(pages.size).toBe(documents.length + 1);
      expect(new Set([...pages.keys()].map((path) => path.toLowerCase())).size).toBe(pages.size);
      for (const path of pages.keys()) expect(path).toMatch(/^(index|models\/[\w][\w.-]*)\.md$/);
      expect(expectLinksToResolve(pages)).toBeGreaterThanOrEqual(documents.length * 2);
    }),
  );
});

test('two packages or two versions with one name have two pages, and links tell them apart', () => {
  const documents = [
    documented(projectObject('orders', { uniqueId: 'model.b.orders' }), 'B.'),
    documented(projectObject('orders', { uniqueId: 'model.a.orders', parents: ['model.b.orders'] }), 'A.'),
    documented(projectObject('Orders', { uniqueId: 'model.c.Orders.v2' }), 'C.'),
  ];
  const pages = pagesOf(documents);
  expect([...pages.keys()]).toEqual([
    'index.md',
    'models/a.orders.md',
    'models/b.orders.md',
    'models/c.Orders.v2.md',
  ]);
  expect(pages.get('models/a.orders.md')).toContain('Reads [`orders`](b.orders.md).');
  expect(pages.get('models/c.Orders.v2.md')).toMatch(/^# Orders \(v2\)\n/);
  expectLinksToResolve(pages);
});

test('5,000 models are exported within seconds', () => {
  const documents = Array.from({ length: 5_000 }, (_, index) => {
    const names = Array.from({ length: 10 }, (_each, at) => `column_${at}`);
    return documented(
      projectObject(`model_${index}`, {
        path: `models/f${index % 50}/model_${index}.sql`,
        columns: names.map((name) => column(name)),
        parents: index < 3 ? [] : [`model.shop.model_${index - 1}`, `model.shop.model_${index >> 1}`],
      }),
      'One row per thing.',
      Object.fromEntries(names.map((name) => [name, `What ${name} says.`])),
    );
  });
  expect(cpuMs(() => expect(pagesOf(documents).size).toBe(5_001))).toBeLessThan(5_000);
});
