import { isEnded } from '../domain/run.ts';
import type { Hold } from '../store/holds.ts';
import { translating } from './failures.ts';
import { heartbeating } from './heartbeat.ts';
import type { ActivityDeps } from './index.ts';
import { recoverDraws } from './recover-draws.ts';

const PER_SWEEP = 500;
const CHECK_EVERY_MS = 3_600_000;

/**
 * What time does to money, every minute: raises, grace and periods end, holds whose time is over or whose run
 * has ended give back what they keep, and once an hour every counter is computed anew.
 */
export function createSweepMoney(deps: ActivityDeps) {
  const { store } = deps;
  return translating(
    async (): Promise<void> =>
      heartbeating(async () => {
        const at = deps.now();
        const freed = new Set<string>();
        await store.budgets.finishChanges();
        for (const hold of await store.holds.leftovers(at, PER_SWEEP))
          if (await settleLeftover(deps, hold)) freed.add(hold.org);
        await store.fold();
        await store.upkeep.endRaises(at);
        await store.upkeep.endGrace(at);
        await store.upkeep.closePeriods(at);
        for (const org of await store.upkeep.openPeriods(at)) freed.add(org);
        for (const org of freed) await deps.starter.wake(org);
        await checkLedgers(deps, at);
      }),
  );
}

/**
 * @returns whether money came back. Calls under way settle by themselves; those that nobody makes any more
 * do not.
 */
async function settleLeftover(deps: ActivityDeps, hold: Hold): Promise<boolean> {
  const abandoned = await isAbandoned(deps, hold);
  if (abandoned && hold.open.length > 0) await recoverDraws(deps, { org: hold.org, run: hold.owner });
  return (await deps.store.release(hold, deps.now())) > 0;
}

/**
 * Nobody is at work on what the hold pays for: over the API when its time is over, a run when it has ended.
 */
async function isAbandoned(deps: ActivityDeps, hold: Hold): Promise<boolean> {
  if (hold.owner === 'api') return hold.validUntil < deps.now();
  const run = await deps.store.runs.find(hold.org, hold.owner);
  return run === undefined || isEnded(run.state);
}

async function checkLedgers(deps: ActivityDeps, at: Date): Promise<void> {
  const { organizations, checkLedger, auditLog } = deps.store;
  for (const org of await organizations.ids()) {
    if (!(await organizations.takeLedgerCheck(org, at, CHECK_EVERY_MS))) continue;
    const { differences } = await checkLedger(org);
    if (differences.length === 0) continue;
    const details = { count: differences.length, first: differences.slice(0, 20) };
    const _id = `ledger:${org}:${at.toISOString()}`;
    await auditLog.add([{ _id, org, budget: '', event: 'ledger_difference', by: 'system', details, at }]);
    deps.warn(`the ledger of ${org} has ${differences.length} differences; see bursar doctor --ledger`);
  }
}
