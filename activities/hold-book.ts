import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_PRIORITY } from '../domain/budgets/budget.ts';
import type { Scope } from '../domain/budgets/scope.ts';
import { keepAtMost } from '../domain/keep-at-most.ts';
import type { Price } from '../domain/money.ts';
import type { AcquireRequest, Denial } from '../store/hold-claims.ts';
import type { Hold, OpenDraw } from '../store/holds.ts';
import type { Store } from '../store/index.ts';
import type { Run } from '../store/run-record.ts';
import type { Blocked as BlockedResult } from '../workflows/messages.ts';
import { createBatchPools, holdIdOf, isGood, lineOf } from './batch-pools.ts';

/** Thrown where a budget says no: the run waits. */
export class Blocked extends Error {
  readonly denial: Denial;
  constructor(denial: Denial) {
    super(`blocked by ${denial.period}`);
    this.denial = denial;
  }
}

/** Ids and counts only: the budget's name is looked up where it is shown. */
export function blockedResult({ denial }: Blocked): BlockedResult {
  const { reason, budget, neededNanoUsd: needed, until } = denial;
  return { outcome: 'blocked', reason, budget, needed, until: until.getTime() };
}

/** Calls of one run that belong to one scope, and the price that they are settled with. */
export interface Line {
  org: string;
  run: string;
  scope: Scope;
  price: Price;
}

interface Deps {
  store: Pick<
    Store,
    | 'holds'
    | 'runs'
    | 'acquire'
    | 'acquireFrom'
    | 'extend'
    | 'extendFrom'
    | 'release'
    | 'organizations'
    | 'budgetPeriods'
  >;
  now(): Date;
}

/** How long a draw may wait in its slot for others under way to give back what they did not need. */
const PATIENCE_MS = 10_000;
const LOOK_EVERY_MS = 100;
/** How often a hold may change under a draw before something must be wrong. */
const MAX_CHANGES = 100;
/** A line that is forgotten finds its hold in the database again. */
const MAX_LINES = 10_000;

/**
 * The holds that this process draws from: one for each run and scope, acquired when the first call needs it,
 * extended when it runs low, acquired anew when it has gone stale or its time is over.
 */
export function createHoldBook(deps: Deps) {
  const { store } = deps;
  const current = new Map<string, Promise<Hold>>();
  const pools = createBatchPools(deps);

  /** The hold of a line as it is now. @throws Blocked */
  function holdFor(line: Line, least: number): Promise<Hold> {
    const key = lineOf(line.run, line.scope);
    const known = current.get(key);
    if (known !== undefined) return known;
    const opening = open(line, key, least);
    keepAtMost(MAX_LINES, current, key, opening);
    opening.catch(() => forget(key, opening));
    return opening;
  }

  function forget(key: string, hold: Promise<Hold>): void {
    if (current.get(key) === hold) current.delete(key);
  }

  async function open(line: Line, key: string, least: number): Promise<Hold> {
    for (let turn = 0; turn < MAX_CHANGES; turn += 1) {
      const newest = await store.holds.newest(line.org, key);
      if (newest !== undefined && (await isGood(deps, newest))) return newest;
      if (newest !== undefined) await store.release(newest, deps.now());
      const run = await storedRun(line);
      const request = await requestFor(line, run, key, (newest?.number ?? 0) + 1, least);
      const filled = await pools.acquire(run.batch, request);
      const result = filled === undefined ? await store.acquire(request) : { granted: filled };
      if ('denied' in result) {
        if (await pools.free(line.org, run.batch, result.denied.period)) continue;
        throw new Blocked(result.denied);
      }
      if ('granted' in result && result.granted.state === 'open') return result.granted;
      // Another process was faster, or the budgets have changed meanwhile: look again.
    }
    throw new Error(`the holds of ${key} change without end`);
  }

  async function storedRun(line: Line): Promise<Run> {
    const run = await store.runs.find(line.org, line.run);
    if (run === undefined) throw new Error(`run ${line.run} is not stored`);
    return run;
  }

  async function requestFor(
    line: Line,
    run: Run,
    key: string,
    number: number,
    least: number,
  ): Promise<AcquireRequest> {
    const { priority, emergencyReason } = run.options;
    return {
      org: line.org,
      id: holdIdOf(line.run, key, number),
      owner: line.run,
      scope: line.scope,
      line: key,
      number,
      amount: Math.max(wantedFor(run), least * run.options.concurrency),
      least,
      priority: priority ?? DEFAULT_PRIORITY,
      ...((await openCap(run)) && { cap: `cap:${run._id}` }),
      ...(run.bypass && { bypass: { reason: run.bypass.reason } }),
      ...(emergencyReason !== undefined && { emergency: emergencyReason }),
      price: line.price,
      at: deps.now(),
    };
  }

  /** A run's own limit is a period of its own. */
  async function openCap(run: Run): Promise<boolean> {
    if (run.capNanoUsd === undefined) return false;
    await store.budgetPeriods.openCap(run.org, run._id, run.capNanoUsd, run.createdAt);
    return true;
  }

  /**
   * Takes a tenth of what is still expected, at least what the window can draw. @returns the no, if it is
   * one.
   */
  async function refill(line: Line, hold: Hold, worst: number): Promise<Denial | undefined> {
    const run = await storedRun(line);
    const amount = Math.max(worst * run.options.concurrency, Math.ceil(wantedFor(run) / 10));
    const by = { amount, least: Math.max(1, worst - hold.left) };
    if (await pools.extend(hold, by)) return undefined;
    const result = await store.extend(hold, by, deps.now());
    if (typeof result === 'string') return undefined;
    return (await pools.free(line.org, run.batch, result.denied.period)) ? undefined : result.denied;
  }

  /**
   * What the run's holds for other scopes keep of the budget that says no. What nobody draws from at
   * present is given back: a run must not wait for money that it holds itself.
   */
  async function siblings(line: Line, { period }: Denial): Promise<'freed' | 'busy' | 'none'> {
    const holds = (await store.holds.unsettledOf(line.org, line.run)).filter(
      (hold) => hold.line !== lineOf(line.run, line.scope) && hold.periods.includes(period),
    );
    const idle = holds.filter(({ left, open: draws }) => left > 0 && draws.length === 0);
    for (const hold of idle) await store.release(hold, deps.now());
    // Where another attempt was faster, the money is back all the same.
    if (idle.length > 0) return 'freed';
    return holds.some(({ open: draws }) => draws.length > 0) ? 'busy' : 'none';
  }

  return {
    /**
     * Sets the worst case of a call aside. @returns the hold that it was taken from.
     * @throws Blocked where budgets say no; what the signal says when that aborts.
     */
    async draw(line: Line, call: Omit<OpenDraw, 'at'>, signal: AbortSignal): Promise<Hold> {
      const key = lineOf(line.run, line.scope);
      let waitedMs = 0;
      /** @throws Blocked where nothing that is under way may give back what is missing. */
      async function wait(denial: Denial, underWay: boolean): Promise<void> {
        const others = await siblings(line, denial);
        if (others === 'freed') return;
        if (waitedMs >= PATIENCE_MS || (!underWay && others === 'none')) throw new Blocked(denial);
        await sleep(LOOK_EVERY_MS, undefined, { signal });
        waitedMs += LOOK_EVERY_MS;
      }
      for (let turn = 0; turn < MAX_CHANGES * 10; turn += 1) {
        signal.throwIfAborted();
        const holding = holdFor(line, call.worst);
        const hold = await holding.catch(async (error: unknown) => {
          if (!(error instanceof Blocked)) throw error;
          await wait(error.denial, false);
        });
        if (hold === undefined) continue;
        if (await store.holds.draw(hold._id, { ...call, at: deps.now() })) return hold;
        const fresh = await store.holds.find(hold.org, hold._id);
        if (fresh === undefined || fresh.state !== 'open' || fresh.validUntil <= deps.now()) {
          forget(key, holding);
          continue;
        }
        if (fresh.left >= call.worst) continue;
        const denial = await refill(line, fresh, call.worst);
        if (denial === undefined) continue;
        // What is under way gives back what it does not need.
        await wait(denial, fresh.open.length > 0);
      }
      throw new Error(`the holds of ${key} change without end`);
    },
    /** The run's money is to be ready before it begins. @throws Blocked */
    async prepare(line: Line, least: number): Promise<Hold> {
      return holdFor(line, least);
    },
    /** Forgets the holds of a run, as it gives them back. */
    forgetRun(run: string): void {
      for (const key of current.keys()) if (key.startsWith(`${run}:`)) current.delete(key);
    },
  };
}

export type HoldBook = ReturnType<typeof createHoldBook>;

/** What the rest of the run will probably need: the p90 of its estimate, less what it has spent since. */
function wantedFor(run: Run): number {
  const expected = run.estimate?.costNanoUsd.p90 ?? 0;
  return Math.max(0, expected - (run.counters.costNanoUsd - (run.estimate?.made?.spentNanoUsd ?? 0)));
}
