import { setTimeout as sleep } from 'node:timers/promises';
import { matchesScope } from '../../../domain/budgets/scope.ts';
import type { AcquireRequest } from '../../../store/hold-claims.ts';
import type { Command } from './commands.ts';
import { addBudget, entryIn, nth, requestOf, SCOPES, storeOf, type World } from './world.ts';

type Of<D extends Command['do']> = Extract<Command, { do: D }>;

let numbers = 0;

/** Carries one command out, and remembers what it has promised. */
export async function carryOut(world: World, command: Command): Promise<void> {
  const store = storeOf(world, command.store);
  const { org, now } = world;
  switch (command.do) {
    case 'acquire':
      return acquire(world, command);
    case 'acquireAgain': {
      const hold = nth(world.holds, command.hold);
      if (hold === undefined) return;
      const result = await store.acquire(requestOf(world, 7, { id: hold._id, scope: hold.scope }));
      if (!('taken' in result)) world.wrong.push(`hold ${hold._id} was made twice`);
      return;
    }
    case 'extend': {
      const known = nth(world.holds, command.hold);
      const hold = known && (await store.holds.find(org, known._id));
      if (hold === undefined) return;
      await store.extend(hold, { amount: command.amount, least: Math.ceil(command.amount / 3) }, now);
      return;
    }
    case 'draw':
    case 'drawAgain':
      return draw(world, command);
    case 'finish':
    case 'assume':
      return finish(world, command);
    case 'release': {
      const hold = nth(world.holds, command.hold);
      if (hold === undefined) return;
      await store.release(hold, now);
      world.released.add(hold._id);
      return;
    }
    case 'sweep':
      for (const hold of await store.holds.leftovers(now, 100))
        if (hold.org === org) await store.release(hold, now);
      return;
    case 'wait':
      world.now = new Date(now.getTime() + command.minutes * 60_000);
      return;
    case 'outside':
      return postOutside(world, command);
    case 'fold':
      // Several processes do it at about the same time.
      await Promise.all(
        world.stores.map(async (each, index) => {
          await sleep(index * 3);
          await each.fold();
        }),
      );
      return;
    default:
      return changeBudgets(world, command);
  }
}

async function acquire(world: World, command: Of<'acquire'>): Promise<void> {
  const { amount, way, minutes } = command;
  const request: AcquireRequest = {
    ...requestOf(world, amount, { scope: SCOPES[command.scope] ?? {} }),
    least: Math.ceil(amount * command.least),
    ...(way === 'emergency' && { priority: 9, emergency: 'the shop is down' }),
    ...(way === 'bypass' && { bypass: { reason: 'the chief wants it' } }),
    ...(minutes > 0 && { validUntil: new Date(world.now.getTime() + minutes * 60_000) }),
  };
  // Remembered before it happens, for it is seen while it happens.
  if (way !== 'none') for (const { id } of world.budgets) world.past.add(id);
  const result = await storeOf(world, command.store).acquire(request);
  if ('granted' in result) world.holds.push(result.granted);
}

async function draw(world: World, command: Of<'draw'> | Of<'drawAgain'>): Promise<void> {
  const { org, now } = world;
  const store = storeOf(world, command.store);
  if (command.do === 'drawAgain') {
    const known = nth(world.draws, command.draw);
    const open = known && (await store.holds.find(org, known.hold._id))?.open;
    if (known === undefined || open?.every((each) => each.draw !== known.draw)) return;
    const { draw: id, seq, step, worst } = known;
    // It may be closed meanwhile by another command; as long as it is open it must not count twice.
    const again = await store.holds.draw(known.hold._id, { draw: id, seq, step, worst, at: now });
    if (again) await store.holds.closeDraw(known.hold._id, id, worst);
    if (again && !known.billed && !known.assumed && known.cost !== undefined)
      world.wrong.push(`draw ${id} was taken twice`);
    return;
  }
  const hold = nth(world.holds, command.hold);
  if (hold === undefined) return;
  const wasReleased = world.released.has(hold._id);
  numbers += 1;
  const { worst, share } = command;
  const open = { draw: `${hold._id}.${numbers}`, seq: numbers, step: 'summary', worst, at: now };
  if (!(await store.holds.draw(hold._id, open))) return;
  if (wasReleased) world.wrong.push(`hold ${hold._id} was drawn from after its end`);
  if (hold.validUntil <= now) world.wrong.push(`hold ${hold._id} was drawn from after its time`);
  const cost = share < 0 ? undefined : Math.ceil(worst * share);
  world.draws.push({ ...open, hold, cost, billed: false, assumed: false });
}

async function finish(world: World, command: Of<'finish'> | Of<'assume'>): Promise<void> {
  const known = nth(world.draws, command.draw);
  if (known === undefined) return;
  const store = storeOf(world, command.store);
  const { hold, cost, worst } = known;
  if (command.do === 'assume') {
    known.assumed = true;
    await store.settle(hold, known, { ...entryIn(world, hold, known, worst), flag: 'assumed' });
  } else if (cost === undefined) await store.holds.closeDraw(hold._id, known.draw, worst);
  else {
    known.billed = true;
    if (cost > worst) for (const id of [hold._id, ...hold.periods]) world.past.add(id);
    // Runs close their draws with the next one; whoever asks over the API waits for it.
    await store.settle(hold, known, entryIn(world, hold, known, cost), known.seq % 2 === 0);
  }
}

async function postOutside(world: World, command: Of<'outside'>): Promise<void> {
  const { org, now: at } = world;
  const id = `job${command.job}`;
  const scope = world.jobs.get(id)?.scope ?? SCOPES[command.scope] ?? {};
  for (const budget of world.budgets) if (matchesScope(budget.scope, scope)) world.past.add(budget.id);
  const { cost: costNanoUsd } = command;
  const cost = { id, scope, costNanoUsd, components: { cpu: costNanoUsd }, at };
  world.jobs.set(id, { scope, cost: costNanoUsd });
  await storeOf(world, command.store).outsideCosts.post(org, 'job', [cost]);
}

async function changeBudgets(
  world: World,
  command: Of<'raise'> | Of<'edit'> | Of<'create'> | Of<'remove'>,
): Promise<void> {
  const { org, now: at } = world;
  const { budgets } = storeOf(world, command.store);
  if (command.do === 'create') {
    await addBudget(world, command.amount, { scope: { team: 'b' } });
    return;
  }
  const budget = nth(world.budgets, command.budget);
  if (budget === undefined) return;
  if (command.do === 'remove') {
    // The first two stay, or soon nothing would refuse any more.
    if (command.budget % world.budgets.length > 1) await budgets.remove(org, budget.id, 'key_1', at);
    return;
  }
  if (command.do === 'edit') {
    const now = await budgets.find(org, budget.id);
    if (now === undefined) return;
    if (command.by < 0) world.past.add(budget.id);
    const amountNanoUsd = Math.max(0, now.amountNanoUsd + command.by);
    await budgets.edit(org, budget.id, { amountNanoUsd }, 'key_1', at);
    return;
  }
  numbers += 1;
  const raise = { id: `${numbers}`, amountNanoUsd: command.amount, reason: 'month end', by: 'key_1', at };
  const [period] = await storeOf(world, command.store).budgetPeriods.ofBudget(org, budget.id, 1);
  if (period !== undefined) await budgets.raise(org, budget.id, period._id, raise);
}
