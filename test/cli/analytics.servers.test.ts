import { newStore } from '../store/database.ts';
import { writeJobs } from '../store/job-days.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { runBursar, scratchFolder } from './run-bursar.ts';

const folder = scratchFolder();
let bursar: Bursar;

beforeAll(async () => {
  bursar = await startBursar({ workers: 0 });
  const opened = await newStore(bursar.name);
  const job = { day: '2026-01-10', team: 'ops', model: 'GPT', provider: 'aws' };
  await writeJobs(opened, 'default', [
    { ...job, id: '1', costNanoUsd: 3e9 },
    { ...job, id: '2', team: 'web', user: 'ann', costNanoUsd: 1e9 },
    { ...job, id: '3', day: '2026-01-02', costNanoUsd: 2e9 },
  ]);
  await opened.close();
}, 60_000);
afterAll(() => bursar.stop());

const run = (...args: string[]) =>
  runBursar(folder, ['analytics', ...args, '--url', bursar.client.url, '--api-key', bursar.key]);
const DAYS = ['--start', '2026-01-08', '--end', '2026-01-14'];

test('costs of jobs are read in the terminal, by one dimension or two', async () => {
  const { code, stdout } = await run('--by', 'team', ...DAYS);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^team +jobs +cost +share +average +before +change$/m);
  expect(stdout).toMatch(/^ops +1 +\$3\.00 +75% +\$3\.00 +\$2\.00 +\+50\.0%$/m);
  expect(stdout).toMatch(/^web +1 +\$1\.00 +25% +\$1\.00 +\$0\.00 +–$/m);
  const crossed = await run('--by', 'model', '--and', 'user', ...DAYS);
  expect(crossed.stdout).toMatch(/^GPT +– +1 +\$3\.00/m);
  expect(crossed.stdout).toMatch(/^GPT +ann +1 +\$1\.00/m);
  const { stdout: line } = await run('--by', 'team', ...DAYS, '--json');
  expect(JSON.parse(line)).toMatchObject({
    by: 'team',
    groups: [{ team_name: 'ops' }, { team_name: 'web' }],
  });
}, 60_000);

test('where there are no jobs it says how to look elsewhere, and what cannot be is refused', async () => {
  const { code, stdout } = await run('--by', 'day', '--start', '2020-01-01', '--end', '2020-01-31');
  expect([code, stdout]).toEqual([
    0,
    'No jobs from 2020-01-01 to 2020-01-31. Name other days with --start and --end.\n',
  ]);
  for (const wrong of [
    ['--by', 'planet'],
    ['--by', 'team', '--and', 'team'],
    ['--by', 'team', '--end', '2025-02-30'],
    ['--by', 'week', '--and', 'month'],
    [],
  ])
    expect([wrong, (await run(...wrong)).code]).toEqual([wrong, 2]);
}, 60_000);
