import { randomBytes } from 'node:crypto';
import { connectMongo } from '../../../config/connections.ts';
import { type Budget, type BudgetTerms, DEFAULT_POLICY } from '../../../domain/budgets/budget.ts';
import type { Scope } from '../../../domain/budgets/scope.ts';
import type { Entry } from '../../../store/entries.ts';
import type { AcquireRequest } from '../../../store/hold-claims.ts';
import type { Hold, OpenDraw } from '../../../store/holds.ts';
import { createStore, type Store } from '../../../store/index.ts';
import { entryOf, terms } from '../money.ts';

/** A database with several stores over it, each with a connection of its own, as processes have them. */
export interface Ledgers {
  stores: Store[];
  uri: string;
  close(): Promise<void>;
}

/** A draw, and how its call will end. */
interface KnownDraw extends OpenDraw {
  hold: Hold;
  /** What the provider will bill; undefined: it refuses, unbilled. */
  cost: number | undefined;
  billed: boolean;
  assumed: boolean;
}

/** One organization's money, what the commands have done to it, and the clock that they move. */
export interface World {
  org: string;
  stores: Store[];
  now: Date;
  budgets: Budget[];
  holds: Hold[];
  /** Holds whose release has been called. */
  released: Set<string>;
  draws: KnownDraw[];
  /** The last amount that each job from elsewhere was posted with. */
  jobs: Map<string, { scope: Scope; cost: number }>;
  /** Periods and holds that went past their limit by a way that has a name. */
  past: Set<string>;
  /** What must not be, as it was seen. */
  wrong: string[];
}

/** A day that no clock of these tests comes near: the breakers' and the fold's own clock is the real one. */
const FIRST_DAY = Date.UTC(2035, 2, 10, 9);

export const SCOPES: Scope[] = [
  { team: 'a', user: 'ann' },
  { team: 'a', user: 'bob' },
  { team: 'b', user: 'ann' },
  {},
];

export async function openLedgers(mongoUri: string, count = 3): Promise<Ledgers> {
  const url = new URL(mongoUri);
  url.pathname = `/ledger_${randomBytes(6).toString('hex')}`;
  const connections = await Promise.all(
    Array.from({ length: count }, () => connectMongo(url.toString(), { poolSize: 16 })),
  );
  const stores = connections.map((connection) => createStore(connection));
  await stores[0]?.initialize();
  return {
    stores,
    uri: url.toString(),
    close: async () => {
      await Promise.all(connections.map((connection) => connection.close()));
    },
  };
}

/** An organization of its own without any budget. */
export async function emptyWorld(stores: Store[]): Promise<World> {
  const org = `org_${randomBytes(6).toString('hex')}`;
  const world: World = {
    org,
    stores,
    now: new Date(FIRST_DAY),
    budgets: [],
    holds: [],
    released: new Set(),
    draws: [],
    jobs: new Map(),
    past: new Set(),
    wrong: [],
  };
  await stores[0]?.organizations.ensure(org, org);
  return world;
}

/** One with budgets of every sort. */
export async function newWorld(stores: Store[]): Promise<World> {
  const world = await emptyWorld(stores);
  await addBudget(world, 1_000, {});
  await addBudget(world, 400, {
    scope: { team: 'a' },
    thresholds: { warning: 0.5, throttle: 0.8, block: 0.9 },
  });
  await addBudget(world, 300, { per: 'user', policy: { ...DEFAULT_POLICY, allowEmergency: true } });
  await addBudget(world, 100, { policy: { ...DEFAULT_POLICY, warnOnly: true } });
  const grace = { gracePeriodHours: 1, graceMaximumNanoUsd: 50 };
  await addBudget(world, 350, { scope: { team: 'b' }, policy: { ...DEFAULT_POLICY, ...grace } });
  return world;
}

export async function addBudget(
  world: World,
  amount: number,
  more: Partial<BudgetTerms> = {},
): Promise<Budget> {
  const id = `bud_${randomBytes(6).toString('hex')}`;
  const period = { type: 'daily', timeZone: 'UTC' } as const;
  const wanted = terms(amount, { name: id, period, ...more });
  const budget = await world.stores[0]?.budgets.create(world.org, id, wanted, 'key_1', world.now);
  if (budget === undefined) throw new Error(`budget ${id} was there`);
  world.budgets.push(budget);
  return budget;
}

let requests = 0;

/** A request for a hold, all or nothing. */
export function requestOf(world: World, amount: number, more: Partial<AcquireRequest> = {}): AcquireRequest {
  requests += 1;
  const id = `${world.org}:${requests}`;
  const facts = { org: world.org, id, owner: 'run1', scope: {}, line: id, number: requests };
  return { ...facts, amount, least: amount, priority: 5, at: world.now, ...more };
}

export async function holdOf(
  world: World,
  amount: number,
  more: Partial<AcquireRequest> = {},
): Promise<Hold> {
  const result = await storeOf(world, 0).acquire(requestOf(world, amount, more));
  if (!('granted' in result)) throw new Error(JSON.stringify(result));
  world.holds.push(result.granted);
  return result.granted;
}

/** A call for which money is set aside. */
export async function drawFrom(world: World, hold: Hold, worst: number): Promise<OpenDraw> {
  requests += 1;
  const open = { draw: `${hold._id}.${requests}`, seq: requests, step: 'summary', worst, at: world.now };
  if (!(await storeOf(world, 0).holds.draw(hold._id, open))) throw new Error('it cannot be drawn');
  return open;
}

/** What a draw becomes. */
export function entryIn(world: World, hold: Pick<Hold, '_id'>, draw: OpenDraw, cost: number): Entry {
  return { ...entryOf(hold, draw, cost), org: world.org };
}

/** The counters of a budget's newest period. */
export async function periodIn(world: World, budget: Pick<Budget, 'id'>) {
  const [period] = await storeOf(world, 0).budgetPeriods.ofBudget(world.org, budget.id, 1);
  if (period === undefined) throw new Error('no period is open');
  return period;
}

/** Counts what is there and computes all of it anew. @returns the differences: there should be none. */
export async function differencesIn(world: World) {
  const store = storeOf(world, 0);
  await store.fold();
  return (await store.checkLedger(world.org)).differences;
}

/** The nth store, counted round. */
export function storeOf({ stores }: World, index: number): Store {
  const store = stores[index % stores.length];
  if (store === undefined) throw new Error('a world needs a store');
  return store;
}

/** The nth of a list, counted round; undefined of an empty one. */
export function nth<T>(list: T[], index: number): T | undefined {
  return list[index % Math.max(1, list.length)];
}
