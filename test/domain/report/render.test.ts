import { assembleReport } from '../../../domain/report/assemble.ts';
import { renderReport } from '../../../domain/report/render.ts';
import type { DaySpend } from '../../../domain/report/tally.ts';
import { eventsOf, factsOf } from './facts.ts';

const USD = 1_000_000_000;
const EVIL = `<script>alert(1)</script>"'&|\n# x\u001b[31m`;
/** Every place where others choose a name or a text. */
const NAMED: Partial<DaySpend>[] = ['team', 'queue', 'user', 'kind', 'provider', 'model'].flatMap((field) => [
  { [field]: EVIL, components: { [EVIL]: USD } },
  { [field]: '=cmd|calc', cost: 2 * USD + 1 },
]);
const events = eventsOf([{ by: EVIL, reason: EVIL }]);
const evil = assembleReport(factsOf(NAMED, { org: EVIL, events }));

/** A table of RFC 4180, for cells without line breaks. */
const cellsOf = (csv: string) =>
  csv
    .trimEnd()
    .split('\r\n')
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, bare]) =>
        quoted === undefined ? bare : quoted.replaceAll('""', '"'),
      ),
    );

describe('HTML', () => {
  const html = renderReport(evil, 'html');

  test('shows names of others as text, wherever they stand', () => {
    expect(html).not.toMatch(/<script|onerror|alert\(1\)<\/s/);
    expect(html).toContain('&#60;script&#62;alert(1)&#60;/script&#62;&#34;&#39;&#38;| # x[31m');
    const tags = new Set([...html.matchAll(/<\/?([a-z0-9]+)/g)].map(([, tag]) => tag));
    expect([...tags].filter((tag) => !KNOWN_TAGS.has(tag ?? ''))).toEqual([]);
  });

  test('is one page that loads nothing and runs nothing', () => {
    expect(html).not.toMatch(/(src|href|url\(|@import|javascript:|http)/i);
    expect(html.startsWith('<!doctype html>')).toBe(true);
    expect(html).toContain('@media print');
  });

  test('draws the spending by day, and by week where there are many days', () => {
    expect(html.match(/<rect /g)).toHaveLength(31);
    const year = { start: '2025-11-01', end: '2026-10-31' };
    const long = renderReport(assembleReport(factsOf(NAMED, { period: year })), 'html');
    expect(long).toContain('Spend by week');
    expect(long.match(/<rect /g)).toHaveLength(53);
    expect(renderReport(assembleReport(factsOf([])), 'html')).not.toContain('<svg');
  });
});

const KNOWN_TAGS = new Set([
  ...['html', 'head', 'meta', 'title', 'style', 'body', 'main', 'h1', 'h2', 'section', 'footer', 'div'],
  ...['dl', 'dt', 'dd', 'ol', 'li', 'p', 'time', 'table', 'thead', 'tbody', 'tr', 'th', 'td'],
  ...['svg', 'path', 'rect', 'text'],
]);

describe('Markdown', () => {
  test('keeps its tables whole and its text plain, whatever the names are', () => {
    const markdown = renderReport(evil, 'markdown');
    expect(markdown).not.toContain('\u001b');
    expect(markdown).not.toMatch(/[^\\]<script/);
    const rows = markdown.split('\n').filter((line) => line.startsWith('|'));
    const cells = rows.map((line) => line.replaceAll('\\|', '').split('|').length);
    const heads = rows.flatMap((line, at) => (/^\| ---/.test(line) ? [cells[at] ?? 0] : []));
    expect(new Set(cells)).toEqual(new Set(heads));
    expect(markdown).toContain('| \\<script\\>alert(1)\\</script\\>"\'\\&\\| \\# x\\[31m |');
    expect(markdown.split('\n').filter((line) => /^# /.test(line))).toHaveLength(1);
  });
});

describe('CSV', () => {
  const cells = cellsOf(renderReport(evil, 'csv'));

  test('is one table of equal rows, with all the digits of an amount', () => {
    expect(cells[0]).toEqual(
      'section,name,cost_usd,share_percent,count,average_usd,previous_cost_usd'.split(','),
    );
    expect(new Set(cells.map((row) => row.length))).toEqual(new Set([7]));
    expect(cells[1]).toEqual(['total', '', '18.000000006', '', '12', '1.500000001', '0']);
    const tiny = assembleReport(factsOf([{ team: 'a', cost: -1 }]));
    expect(renderReport(tiny, 'csv')).toContain('team,a,-0.000000001,,1,-0.000000001,0');
  });

  test('has no name that a spreadsheet would calculate', () => {
    const names = cells.map(([, name]) => name ?? '');
    expect(names.filter((name) => /^[=+\-@]/.test(name))).toEqual([]);
    expect(names.filter((name) => name === "'=cmd|calc")).toHaveLength(6);
    const others = ['+1+1', '-2+3', '@SUM(1)', '\t=1', '＝1'].map((team) => ({ team }));
    const csv = renderReport(assembleReport(factsOf(others)), 'csv');
    expect(
      cellsOf(csv).filter(([section, name]) => section === 'team' && name?.startsWith("'")),
    ).toHaveLength(5);
  });

  test('breakdowns add up to the total', () => {
    for (const section of ['team', 'queue', 'user', 'kind', 'provider', 'model', 'component', 'day']) {
      const costs = cells.filter(([name]) => name === section).map((row) => Math.round(Number(row[2]) * 1e9));
      expect([section, costs.reduce((sum, cost) => sum + cost, 0)]).toEqual([section, 18_000_000_006]);
    }
  });
});

test('tables for people show the dearest, and the rest as one row, so that they add up', () => {
  const rows = Array.from({ length: 40 }, (_, at) => ({ team: `t${at}`, cost: (40 - at) * USD }));
  const markdown = renderReport(assembleReport(factsOf(rows)), 'markdown');
  const teams = markdown.split('## Teams')[1]?.split('##')[0] ?? '';
  const costs = [...teams.matchAll(/^\| .*? \| \$([\d,.]+) \|/gm)].map(([, cost]) => Number(cost));
  expect([costs.length, costs.reduce((sum, cost) => sum + cost, 0)]).toEqual([15, 820]);
  expect(teams).toContain('(26 others) | $351.00 | 42.8% | 26 |');
});
