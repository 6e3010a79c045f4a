import { type Budget, refuses } from '../../../domain/budgets/budget.ts';
import { carryOut } from './carry-out.ts';
import { storeOf, type World } from './world.ts';

/** Looks once at all counters: what is true at every instant, also in the midst of other work. */
export async function look(world: World): Promise<void> {
  const { org, wrong, past } = world;
  const { budgetPeriods, holds } = storeOf(world, 0);
  const [periods, kept] = await Promise.all([
    budgetPeriods.model.find({ org }).lean(),
    holds.model.find({ org }).lean(),
  ]);
  const byId = new Map<string, Budget>(world.budgets.map((budget) => [budget.id, budget]));
  for (const { _id, budget, ceiling, committed, left } of periods) {
    if (left !== ceiling - committed) wrong.push(`${_id}: ${left} is left of ${ceiling} - ${committed}`);
    const known = byId.get(budget);
    if (known === undefined || !refuses(known) || past.has(budget) || past.has(_id)) continue;
    if (left < 0) wrong.push(`${_id}: ${committed} is committed of ${ceiling}`);
  }
  for (const { _id, left } of kept)
    if (left < 0 && !past.has(_id)) wrong.push(`hold ${_id} has ${left} left`);
}

/** Looks again and again until the work is done. */
export async function watched<T>(world: World, work: Promise<T>): Promise<T> {
  let done = false;
  const end = work.finally(() => {
    done = true;
  });
  end.catch(() => {});
  while (!done) await look(world);
  return end;
}

/** The counters against the entries and holds. */
export async function checkBooks(world: World): Promise<void> {
  const { differences } = await storeOf(world, 1).checkLedger(world.org);
  for (const difference of differences) world.wrong.push(JSON.stringify(difference));
}

/** Lets all calls end and gives everything back: then committed is what was spent, to the nano-dollar. */
export async function settleAll(world: World): Promise<void> {
  const store = storeOf(world, 2);
  // Twice, as whoever releases a hold settles what is open still: what is to be closed soon is closed then.
  for (const draw of [...world.draws.keys(), ...world.draws.keys()])
    await carryOut(world, { do: 'finish', store: draw, draw });
  for (const hold of world.holds.keys()) await carryOut(world, { do: 'release', store: hold, hold });
  for (const [id, { scope, cost: costNanoUsd }] of world.jobs) {
    const cost = { id, scope, costNanoUsd, components: { cpu: costNanoUsd }, at: world.now };
    await store.outsideCosts.post(world.org, 'job', [cost]);
  }
  await store.fold();
  await look(world);
  await checkBooks(world);
  const kept = await store.holds.model.find({ org: world.org }).lean();
  for (const { _id, left, open } of kept)
    if (left !== 0 || open.length > 0) world.wrong.push(`hold ${_id} keeps ${left} and ${open.length} draws`);
  await compareWithWhatWasDone(world);
}

/** What the ledger says, against sums over the commands that know nothing of it. */
async function compareWithWhatWasDone(world: World): Promise<void> {
  const store = storeOf(world, 0);
  const spentBy = new Map<string, number>();
  for (const { draw, hold, cost, worst, assumed } of world.draws) {
    // Of a refused call that was given up as well, either may have been first.
    const either = cost === undefined && assumed;
    const expected = either ? ((await store.entries.find(draw))?.costNanoUsd ?? 0) : (cost ?? 0);
    if (either && expected !== 0 && expected !== worst) world.wrong.push(`${draw} has cost ${expected}`);
    for (const period of hold.periods) spentBy.set(period, (spentBy.get(period) ?? 0) + expected);
    spentBy.set('all', (spentBy.get('all') ?? 0) + expected);
  }
  const outside = [...world.jobs.values()].reduce((sum, { cost }) => sum + cost, 0);
  const report = await store.checkLedger(world.org);
  const all = (spentBy.get('all') ?? 0) + outside;
  if (report.spentNanoUsd !== all) world.wrong.push(`${report.spentNanoUsd} was spent, not ${all}`);
  for (const { _id, spent, committed } of await store.budgetPeriods.model.find({ org: world.org }).lean()) {
    if (spent !== committed) world.wrong.push(`${_id}: ${committed} is committed, ${spent} was spent`);
    if (world.jobs.size === 0 && spent !== (spentBy.get(_id) ?? 0))
      world.wrong.push(`${_id}: ${spent} was spent, not ${spentBy.get(_id) ?? 0}`);
  }
}
