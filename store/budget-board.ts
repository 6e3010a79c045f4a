import type { Budget } from '../domain/budgets/budget.ts';
import { freshCounters } from '../domain/budgets/counters.ts';
import { type Decision, type DecisionRequest, type DecisionType, decide } from '../domain/budgets/decide.ts';
import { createLookup, type Lookup } from '../domain/budgets/lookup.ts';
import type { BudgetPeriod } from './budget-periods.ts';
import { type BoardEntry, counterIdsOf, standingsOf } from './budget-standings.ts';
import type { Collections } from './collections.ts';

/** No answer is given from counters that were read longer ago. */
const MAX_AGE_MS = 1000;
/** While an organization is in use its counters are read so long after the last time that they were. */
const REFRESH_MS = 400;
/** Who has not asked for so long is read again when it does. */
const IN_USE_MS = 10_000;
/** Ids in one question to the database. */
const IDS_AT_ONCE = 1000;
const MAX_USERS = 10_000;
const MAX_READS = 3;

type Parts = Pick<Collections, 'organizations' | 'budgets' | 'budgetPeriods'>;
export type BudgetBoard = ReturnType<typeof createBudgetBoard>;

interface Budgets {
  /** Of the organization's budgets when they were read; they do not change without it. */
  version: number;
  entries: BoardEntry[];
  lookup: Lookup<BoardEntry>;
  /** Whether some budget counts each user apart. */
  perUser: boolean;
}

interface Board extends Budgets {
  counters: Map<string, BudgetPeriod>;
  /** Whose counters are kept besides: since when, and when it last asked. */
  users: Map<string, { readAt: number; usedAt: number }>;
  readAt: number;
  usedAt: number;
  /** What was read before this time does not count. */
  staleBefore: number;
  reading: Promise<void> | undefined;
  timer: NodeJS.Timeout | undefined;
}

/**
 * The active budgets of the organizations that ask, with their counters, in this process: a check costs no
 * question to the database. They are read in the background while an organization is in use. Times are those
 * of a clock that nobody sets.
 */
export function createBudgetBoard(parts: Parts) {
  const boards = new Map<string, Board>();
  const decisions: Record<DecisionType, number> = { allow: 0, warn: 0, throttle: 0, block: 0 };

  /** The strictest decision of the budgets that the scope falls under. @throws what the database throws. */
  async function check(org: string, request: DecisionRequest): Promise<Decision> {
    const board = boardOf(boards, org);
    const { user } = request.scope;
    noteUse(board, user);
    // A read under way may have begun too early. Bounded: where reads take over a second the last one counts.
    for (let reads = 0; reads < MAX_READS && !isFresh(board, user); reads += 1) {
      await read(org, board);
      noteUse(board, user);
    }
    const decision = decide(standingsOf(board.lookup, board.counters, request), request);
    decisions[decision.type] += 1;
    return decision;
  }

  /** One read at a time, for all who wait for it. */
  function read(org: string, board: Board): Promise<void> {
    board.reading ??= readNow(org, board).finally(() => {
      board.reading = undefined;
    });
    return board.reading;
  }

  async function readNow(org: string, board: Board): Promise<void> {
    const startedAt = performance.now();
    for (const [user, { usedAt }] of board.users)
      if (startedAt - usedAt > IN_USE_MS) board.users.delete(user);
    const users = [...board.users.keys()];
    const version = await parts.organizations.budgetsVersion(org);
    const known = version === board.version ? board : toBudgets(version, await parts.budgets.active(org));
    const counters = await readCounters(counterIdsOf(known.entries, users, new Date()));
    // At once, so that no budget is ever seen without its counters.
    const { entries, lookup, perUser } = known;
    Object.assign(board, { version, entries, lookup, perUser, counters, readAt: startedAt });
    for (const user of users)
      board.users.set(user, { usedAt: startedAt, ...board.users.get(user), readAt: startedAt });
    readAgainSoon(org, board);
  }

  async function readCounters(ids: string[]): Promise<Map<string, BudgetPeriod>> {
    const counters = new Map<string, BudgetPeriod>();
    for (let from = 0; from < ids.length; from += IDS_AT_ONCE)
      for (const period of await parts.budgetPeriods.findMany(ids.slice(from, from + IDS_AT_ONCE)))
        counters.set(period._id, period);
    return counters;
  }

  /** Until nobody asks any more. After a read that fails, the next question reads again and is told. */
  function readAgainSoon(org: string, board: Board): void {
    clearTimeout(board.timer);
    board.timer = setTimeout(() => {
      if (performance.now() - board.usedAt > IN_USE_MS) boards.delete(org);
      else void read(org, board).catch(() => {});
    }, REFRESH_MS).unref();
  }

  return {
    check,
    /** How often each decision was made since the process started. */
    decisions: decisions as Readonly<Record<DecisionType, number>>,
    /** After a change of the budgets through this process: what was read before counts no more. */
    forget(org: string): void {
      const board = boards.get(org);
      if (board !== undefined) board.staleBefore = performance.now();
    },
  };
}

function boardOf(boards: Map<string, Board>, org: string): Board {
  const known = boards.get(org);
  if (known !== undefined) return known;
  const never = { readAt: -Infinity, usedAt: -Infinity, staleBefore: -Infinity };
  const idle = { reading: undefined, timer: undefined };
  const board: Board = { ...toBudgets(-1, []), counters: new Map(), users: new Map(), ...never, ...idle };
  boards.set(org, board);
  return board;
}

function toBudgets(version: number, budgets: Budget[]): Budgets {
  const entries: BoardEntry[] = budgets.map((budget) => ({ budget, fresh: freshCounters(budget) }));
  const perUser = budgets.some(({ per }) => per === 'user');
  return { version, entries, lookup: createLookup(entries), perUser };
}

function noteUse(board: Board, user: string | undefined): void {
  board.usedAt = performance.now();
  if (user === undefined) return;
  const known = board.users.get(user);
  if (known !== undefined) known.usedAt = board.usedAt;
  else if (board.perUser || board.version === -1) {
    if (board.users.size >= MAX_USERS) board.users.clear();
    board.users.set(user, { readAt: -Infinity, usedAt: board.usedAt });
  }
}

function isFresh(board: Board, user: string | undefined): boolean {
  const oldest = performance.now() - MAX_AGE_MS;
  const isNew = (readAt: number) => readAt >= oldest && readAt > board.staleBefore;
  if (!isNew(board.readAt)) return false;
  return user === undefined || !board.perUser || isNew(board.users.get(user)?.readAt ?? -Infinity);
}
