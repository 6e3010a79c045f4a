import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { monthBefore } from '../../domain/report/period.ts';
import type { Report } from '../../domain/report/report.ts';
import { JOB } from '../api/costing-routes.ts';
import { openStore } from '../api/second-organization.ts';
import { dayOf } from '../proof/report-costs.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { runBursar, scratchFolder } from './run-bursar.ts';

const LIMIT_MS = 120_000;
const folder = scratchFolder();
const last = monthBefore(dayOf(0), 1);
let bursar: Bursar;

beforeAll(async () => {
  bursar = await startBursar({ workers: 0 });
  const jobs = ['mail', 'etl', '=evil()'].map((queueName, at) => ({
    ...JOB,
    ...{
      jobId: `j${at}`,
      queueName,
      team: 'red',
      cpuTime: 10_000 * (at + 1),
      endedAt: `${last.end}T12:00:00Z`,
    },
  }));
  await bursar.client.post('/costs/jobs', { jobs });
  const opened = await openStore(bursar);
  await opened.store.fold();
  await opened.close();
});
afterAll(() => bursar.stop());

const run = (...args: string[]) =>
  runBursar(folder, ['report', ...args, '--url', bursar.client.url, '--api-key', bursar.key]);

test(
  'a report is read in the terminal, as tables that add up',
  async () => {
    const { code, stdout } = await run('--last-month');
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Spend of default, ${last.start} to ${last.end}\nSpent +\\$\\d`));
    expect(stdout).toMatch(/^Budget +none$/m);
    expect(stdout).toMatch(/^queue +cost +share +count +average +before$/m);
    expect(stdout).toMatch(/^=evil\(\) +\$3\.\d\d +\d+\.\d% +1 +\$3\.\d\d +\$0\.00$/m);
    expect(stdout).toMatch(/^- \$\d+\.\d\d was spent without a budget: set one\.$/m);
    const byMonth = await run('--month', last.start.slice(0, 7));
    const byDays = await run('--start', last.start, '--end', last.end);
    const bare = (text: string) => text.replace(/As of .*/, '');
    expect([bare(byMonth.stdout), bare(byDays.stdout)]).toEqual([bare(stdout), bare(stdout)]);
    expect((await run()).stdout).toMatch(
      new RegExp(`^Spend of default, ${dayOf(0).slice(0, 7)}-01 to ${dayOf(0)}`),
    );
  },
  LIMIT_MS,
);

test(
  'it is one line of JSON, a text of another format, or a file that replaces none',
  async () => {
    const json = await run('--last-month', '--json');
    expect(json.stdout.trimEnd().split('\n')).toHaveLength(1);
    const report = JSON.parse(json.stdout) as Report;
    expect(report.topDrivers.map(({ queueName }) => queueName)).toEqual(['=evil()', 'etl', 'mail']);
    expect((await run('--last-month', '--format', 'csv')).stdout).toContain("\r\nqueue,'=evil(),3.");
    for (const [name, begins] of [
      ['r.html', '<!doctype html>'],
      ['r.md', '# Spend of default'],
      ['r.csv', 'section,name'],
      ['r.json', '{\n'],
    ] as const) {
      const made = await run('--last-month', '--out', name);
      expect([name, made.code, made.stdout, made.stderr]).toEqual([name, 0, '', `Wrote ${name}.\n`]);
      expect(readFileSync(join(folder, name), 'utf8').startsWith(begins)).toBe(true);
    }
    writeFileSync(join(folder, 'mine.md'), 'mine');
    const again = await run('--last-month', '--out', 'mine.md');
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('mine.md is there already')]);
    expect(readFileSync(join(folder, 'mine.md'), 'utf8')).toBe('mine');
  },
  LIMIT_MS,
);

test.each([
  [['--month', '2025-13'], '--month 2025-13 is no month'],
  [['--start', 'yesterday'], '--start yesterday is no day of the calendar'],
  [['--month', '2025-01', '--last-month'], 'give either'],
  [['--out', 'report.pdf'], '--out report.pdf tells no format'],
  [['--format', 'pdf'], 'Allowed choices are json, markdown, html, csv'],
  [['--start', '2999-01-01'], 'start lies in the future'],
  [['--last-month', '--out', 'no/such/folder.md'], 'folder that is not there'],
])('%j is refused with the reason', async (args, reason) => {
  const { code, stderr } = await run(...args);
  expect([code, stderr]).toEqual([2, expect.stringContaining(reason)]);
});
