import { column, documented, projectObject } from './objects.ts';
import { pageOf, pagesOf } from './pages.ts';

test('names every model with its summary and state, by folder, with counts in the right number', () => {
  const documents = [
    documented(
      projectObject('orders', { path: 'models/marts/orders.sql', parents: ['source.shop.raw'] }),
      'One row per order. More.',
    ),
    documented(
      projectObject('stg', { path: 'models/staging/stg.sql' }),
      undefined,
      {},
      { state: 'approved' },
    ),
  ];
  const source = projectObject('raw', { uniqueId: 'source.shop.raw', resourceType: 'source' });
  const index = pagesOf(documents, [source, projectObject('undocumented')]).get('index.md');
  expect(index).toContain('2 of 3 models documented · 1 source · 0 drift findings');
  expect(index).toContain('Generated 2026-01-31 14:05 UTC.');
  expect(index).toContain(
    '### `models/marts`\n\n| Model | Summary | State |\n| --- | --- | --- |\n' +
      '| [`orders`](models/orders.md) | One row per order. | proposed |',
  );
  expect(index).toContain('| [`stg`](models/stg.md) |  | approved |');
  expect(index).toContain('n1[("raw")]');
  expect(index).toContain('n1 --> n0');
  expect(index).toContain('agrees with the code');
});

test('of a project without documents says so', () => {
  const pages = pagesOf([]);
  expect([...pages.keys()]).toEqual(['index.md']);
  expect(pages.get('index.md')).toContain('0 of 0 models documented · 0 drift findings');
  expect(pages.get('index.md')).toContain('Nothing is documented yet.');
});

test('lists what people wrote and the code contradicts', () => {
  const drift = [
    { column: 'total', kind: 'declared_but_not_produced' as const, message: 'The SQL has no `total`.' },
  ];
  const index = pagesOf([documented(projectObject('orders'), 'x', {}, { drift })]).get('index.md');
  expect(index).toContain('1 drift finding\n');
  expect(index).toContain('- [`orders`](models/orders.md), column `total`: The SQL has no \\`total\\`.');
});

test('of a large project draws one diagram per folder, each within what GitHub draws, and says so', () => {
  const documents = Array.from({ length: 600 }, (_, index) =>
    documented(
      projectObject(`m${index}`, {
        path: index < 400 ? `models/wide/m${index}.sql` : `models/f${index % 4}/m${index}.sql`,
        parents: Array.from({ length: 5 }, (_each, back) => `model.shop.m${index - back - 1}`),
      }),
      'x',
    ),
  );
  const index = pagesOf(documents).get('index.md') ?? '';
  const diagrams = [...index.matchAll(/```mermaid\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
  expect(diagrams).toHaveLength(5);
  for (const diagram of diagrams) {
    expect(diagram.match(/\[/g)?.length).toBeLessThanOrEqual(150);
    expect(diagram.match(/-->/g)?.length).toBeLessThanOrEqual(400);
    expect(diagram.length).toBeLessThan(50_000);
  }
  expect(index).toContain('600 objects, too many for one diagram');
  expect(index).toMatch(/Not drawn, for want of room: 2\d\d objects and 3\d\d connections\./);
});

test('holds what people wrote first, then the layers in order, columns, lineage, drift, origin', () => {
  const object = projectObject('orders', {
    description: 'By **people**.',
    materialized: 'table',
    relation: 'db.main.orders',
    tags: ['daily', 'core'],
    parents: ['model.shop.stg', 'source.shop.raw', 'model.other.gone'],
    columns: [
      column('id', { type: 'bigint', tests: ['unique', 'not_null'], description: 'Key, by people.' }),
      column('total', { description: 'Same.' }),
    ],
  });
  const content = {
    text: { limitations: 'L.', summary: 'S.', lineage: 'G.', technical: 'T.', business: 'B.' },
    columns: { id: 'Generated key.', total: 'Same.', extra: 'Only generated.' },
  };
  const drift = [{ kind: 'contradicts_code' as const, message: 'It is *not* a table.' }];
  const others = [
    projectObject('stg'),
    projectObject('raw', { uniqueId: 'source.shop.raw', resourceType: 'source' }),
    projectObject('report', { parents: ['model.shop.orders'] }),
  ];
  const page = pageOf(documented(object, '', {}, { content, drift, version: 3 }), others);
  const parts = [
    '# orders\n',
    'Materialized as `table` · `models/orders.sql` · tags `daily`, `core` · ' +
      'relation `db.main.orders` · [1 drift finding](#drift)',
    '## Description\n\n*Written by people:*\n\n> By **people**.',
    '## Summary\n\nS.',
    '## Business meaning\n\nB.',
    '## Technical notes\n\nT.',
    '## Columns\n',
    '| `id` | `bigint` | `unique`, `not_null` | Key, by people.<br>**Proposed:** Generated key. |',
    '| `total` |  |  | Same. |',
    '| `extra` |  |  | **Proposed:** Only generated. |',
    '## Lineage\n\nG.',
    'Reads `raw` (source), `stg`, `model.other.gone` (not in the project).',
    'Read by `report`.',
    '```mermaid\nflowchart LR\n',
    '## Limitations\n\nL.',
    '## Drift\n\n> [!WARNING]\n',
    '> - It is \\*not\\* a table.',
    '---\n\nProposed · version 3 · written by `offline/test-model` · 2026-01-31 14:05 UTC\n',
  ];
  let from = 0;
  for (const each of parts) {
    expect(page.slice(from)).toContain(each);
    from = page.indexOf(each, from) + each.length;
  }
});

test('without human text marks nothing as proposed, without layers has no empty sections', () => {
  const page = pageOf(documented(projectObject('a', { columns: [column('id')] }), undefined, { id: 'Key.' }));
  expect(page).toContain('| `id` |  |  | Key. |');
  expect(page).not.toMatch(/Proposed:|## (Summary|Description|Drift|Limitations)/);
  expect(page).toContain('Reads nothing else of the project.\n\nNothing else of the project reads it.');
});

test('the neighbourhood shows the connections of the model only', () => {
  const others = [projectObject('a'), projectObject('b', { parents: ['model.shop.a', 'model.shop.m'] })];
  const page = pageOf(documented(projectObject('m', { parents: ['model.shop.a'] }), 'x'), others);
  expect(page.match(/ n\d --> n\d/g)).toEqual([' n0 --> n1', ' n1 --> n2']);
});
