import { openStore } from '../api/second-organization.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { SHOP } from '../support/shop.ts';
import { type Ended, runBursar, scratchFolder } from './run-bursar.ts';

const LIMIT_MS = 120_000;
const folder = scratchFolder();
let bursar: Bursar;

beforeAll(async () => {
  bursar = await startBursar();
});
afterAll(() => bursar.stop());

const run = (...args: string[]) =>
  runBursar(folder, [...args, '--url', bursar.client.url, '--api-key', bursar.key]);

/** The one line of JSON of a command that ended well, or as told. */
async function json<T>(args: string[], code = 0): Promise<T> {
  const ended = await run(...args, '--json');
  expect([args[0], ended.code, ended.stderr]).toEqual([args[0], code, expect.any(String)]);
  expect(ended.stdout.trimEnd().split('\n')).toHaveLength(1);
  return JSON.parse(ended.stdout) as T;
}
const lines = ({ stdout }: Ended) => stdout.trimEnd().split('\n');
interface Budget {
  id: string;
  amountUsd: number;
  thresholds: object;
  status: string;
  current: { leftUsd: number; reservedUsd: number };
}

test(
  'a budget is made, looked at, changed, raised and deleted',
  async () => {
    expect((await run('budgets', 'list')).stdout).toMatch(
      /^No budgets yet, .* bursar budgets create NAME .*\n$/,
    );
    const made = await json<Budget>(['budgets', 'create', 'red', '--amount', '$10', '--team', 'red']);
    expect(made).toMatchObject({ name: 'red', amountUsd: 10, scope: { team: 'red' }, status: 'ok' });
    const [titles, row] = lines(await run('budgets', 'list', '--team', 'red'));
    expect(titles).toMatch(/^budget +name +scope +period +amount +spent +held +left +used +status$/);
    expect(row).toMatch(/^bud_\w+ +red +team=red +monthly +\$10\.00 +\$0\.00 +\$0\.00 +\$10\.00 +0% +ok$/);
    const edited = await json<Budget>(['budgets', 'edit', made.id, '--amount', '20', '--warning', '50%']);
    expect(edited).toMatchObject({ amountUsd: 20, thresholds: { warning: 0.5 } });
    const raise = ['budgets', 'raise', made.id, '--by', '5', '--reason', 'launch'];
    expect((await json<Budget>(raise)).current.leftUsd).toBe(25);
    const shown = await run('budgets', 'show', made.id);
    expect(shown.stdout).toContain('amount   $20.00 + $5.00 raised');
    expect(shown.stdout).toContain('warning 50% at $12.50');
    const events = lines(await run('budgets', 'audit', made.id)).map((line) => line.split(/ {2,}/)[1]);
    // When its period was opened is the budget's own business.
    expect(events.filter((event) => event !== 'reset')).toEqual(['event', 'raised', 'edited', 'created']);
    const refused = await run('budgets', 'delete', made.id);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('add --yes')]);
    expect(await json(['budgets', 'delete', made.id, '--yes'])).toEqual({ id: made.id, deleted: true });
    expect((await run('budgets', 'show', made.id)).code).toBe(2);
  },
  LIMIT_MS,
);

test(
  'a hold is taken and given back; a no ends with the exit code of a budget',
  async () => {
    await json(['budgets', 'create', 'blue', '--amount', '3', '--team', 'blue', '--block', '100%']);
    expect((await run('holds', 'list', '--state', 'open')).stdout).toMatch(/^No hold is like that\. /);
    const take = ['holds', 'create', '--amount', '2', '--team', 'blue', '--idempotency-key', 'cli-1'];
    const hold = await json<{ id: string; leftUsd: number }>(take);
    expect((await json<{ id: string }>(take)).id).toBe(hold.id);
    const no = await run('holds', 'create', '--amount', '2', '--team', 'blue');
    expect([no.code, no.stdout]).toEqual([4, '']);
    expect(no.stderr).toBe('error: blue has $1.00 left, and $2.00 is needed\n');
    const error = await json<{ error: { code: string; details: { leftUsd: number }[] } }>(
      ['holds', 'create', '--amount', '2', '--team', 'blue'],
      4,
    );
    expect([error.error.code, error.error.details[0]?.leftUsd]).toEqual(['budget_exceeded', 1]);
    expect((await run('holds', 'show', hold.id)).stdout).toMatch(/left {5}\$2\.00/);
    expect((await run('holds', 'list')).stdout).toMatch(/api +team=blue +\$2\.00 +\$2\.00 +\$0\.00 +open/);
    expect((await run('holds', 'release', hold.id)).stdout).toBe(`${hold.id} gave back $2.00.\n`);
    expect((await run('holds', 'release', hold.id)).stdout).toBe(`${hold.id} was closed already.\n`);
    expect((await run('budgets', 'check', '--team', 'blue')).code).toBe(0);
    await json(['holds', 'create', '--amount', '3', '--team', 'blue']);
    const blocked = await run('budgets', 'check', '--team', 'blue');
    expect([blocked.code, blocked.stdout]).toEqual([4, expect.stringMatching(/^block: blue: /)]);
  },
  LIMIT_MS,
);

test(
  'a run that waits for an approval is approved by the estimate that is shown',
  async () => {
    const settings = { costWarningThreshold: 0.0001 };
    expect((await bursar.client.send('PUT', '/admin/settings', settings)).status).toBe(200);
    const waiting = await run('document', SHOP.manifest, '--layers', 'summary', '--yes');
    expect([waiting.code, waiting.stderr]).toEqual([4, expect.stringContaining('bursar runs approve ')]);
    const { runs } = await json<{ runs: { id: string }[] }>(['runs', 'list']);
    const id = runs[0]?.id ?? '';
    const stale = await run('runs', 'approve', id, '--hash', 'another');
    expect([stale.code, stale.stderr]).toEqual([1, expect.stringContaining('has another estimate by now')]);
    const approved = await run('runs', 'approve', id, '--max-cost', '3');
    expect([approved.code, approved.stderr]).toEqual([0, expect.stringContaining('Approved, up to $3.00.')]);
    expect(approved.stderr).toContain('Estimate for 15 objects');
    await bursar.client.untilEnded(id);
    expect((await run('runs', 'approve', id)).code).toBe(1);
    await bursar.client.send('PUT', '/admin/settings', { costWarningThreshold: null });
  },
  LIMIT_MS,
);

test(
  'costs are what the runs have cost, and doctor --ledger finds a number that was changed',
  async () => {
    const estimate = await json<{ items: number }>(['estimate', SHOP.manifest, '--layers', 'summary']);
    expect(estimate.items).toBe(15);
    expect(await json(['doctor', '--ledger'])).toMatchObject({ differences: [], entries: 15, unposted: 0 });
    const costs = await run('costs', '--by', 'kind,model');
    expect(lines(costs)[1]).toMatch(/^documentation +offline\/gpt-5-mini +15 +\$0\.\d+ +100%$/);
    const { total } = await json<{ total: { total_jobs: number } }>(['costs', '--every', 'month']);
    expect(total.total_jobs).toBe(15);
    expect((await run('costs', '--start', '2020-01-01', '--end', '2020-01-31')).stdout).toBe(
      'No costs from 2020-01-01 to 2020-01-31. Name other days with --start and --end.\n',
    );
    for (const wrong of [
      ['--end', '2025-02-30'],
      ['--by', 'planet'],
      ['--every', 'hour'],
    ])
      expect([wrong, (await run('costs', ...wrong)).code]).toEqual([wrong, 2]);
    const opened = await openStore(bursar);
    await opened.store.dailyCosts.model.updateMany({ org: 'default' }, { $inc: { cost: 1 } });
    await opened.close();
    const found = await run('doctor', '--ledger');
    expect([found.code, lines(found)[1]]).toEqual([1, '2 counters not as entries and holds say:']);
    expect(found.stdout).toMatch(/daily cost .* \$0\.000000001$/m);
    expect((await json<{ differences: object[] }>(['doctor', '--ledger'], 1)).differences).toHaveLength(2);
  },
  LIMIT_MS,
);
