import type { Connection, mongo } from 'mongoose';
import { type Budget, blockedAtNanoUsd } from '../domain/budgets/budget.ts';
import type { AuditEvent } from './audit-log.ts';
import { type BudgetPeriod, freshPeriod } from './budget-periods.ts';
import type { Collections } from './collections.ts';
import { Leave, transact } from './transaction.ts';

type Parts = Pick<Collections, 'budgets' | 'budgetPeriods' | 'holds' | 'auditLog' | 'organizations'>;

const AT_ONCE = 500;

/**
 * What time does to budget periods: raises and grace end, old periods are closed and may leave something to
 * the next, new ones open. Each step is one transaction under a guard, so that anybody may carry it out,
 * twice too.
 */
export function createPeriodUpkeep(connection: Connection, parts: Parts) {
  const periods = parts.budgetPeriods.model.collection;
  const find = async (filter: object) =>
    (await periods.find(filter as never, { limit: AT_ONCE }).toArray()) as unknown as BudgetPeriod[];

  /** @returns how many came to their end. What was committed stays: `left` may fall below nothing. */
  async function endRaises(at: Date): Promise<number> {
    const due = { until: { $lte: at }, endedAt: { $exists: false } };
    let ended = 0;
    for (const period of await find({ 'raises.until': due.until, raises: { $elemMatch: due } }))
      for (const raise of period.raises) {
        if (raise.until === undefined || raise.until > at || raise.endedAt !== undefined) continue;
        const less = -raise.amountNanoUsd;
        const changed = await change(
          { _id: period._id, raises: { $elemMatch: { id: raise.id, endedAt: { $exists: false } } } },
          { $inc: { raised: less, ceiling: less, left: less }, $set: { 'raises.$.endedAt': at } },
          rowOf(period, 'raise_ended', `${period._id}:raise:${raise.id}:ended`, at, { raisedNanoUsd: -less }),
        );
        if (changed) ended += 1;
      }
    return ended;
  }

  async function endGrace(at: Date): Promise<void> {
    for (const period of await find({ graceUntil: { $lte: at }, grace: { $gt: 0 } })) {
      const less = -period.grace;
      await periods.updateOne(
        { _id: period._id, grace: period.grace } as never,
        { $inc: { grace: less, ceiling: less, left: less } } as never,
      );
    }
  }

  /**
   * Closes periods that are over and whose holds are settled; to be called behind a fold. What was not spent
   * goes over into the next period where the budget says so.
   */
  async function closePeriods(at: Date): Promise<void> {
    const over = await find({ end: { $lte: at }, closed: { $exists: false } });
    const budgets = await parts.budgets.findMany([...new Set(over.map(({ budget }) => budget))]);
    for (const period of over) {
      if (await isHeld(period._id)) continue;
      await close(
        period,
        budgets.find(({ id }) => id === period.budget),
      );
    }
  }

  async function isHeld(period: string): Promise<boolean> {
    const open = [{ state: { $ne: 'closed' } }, { left: { $ne: 0 } }, { 'open.0': { $exists: true } }];
    const found = await parts.holds.model.collection.findOne({ periods: period, $or: open } as never);
    return found !== null;
  }

  async function close(period: BudgetPeriod, budget: Budget | undefined): Promise<void> {
    const rest = Math.max(0, period.amount + period.rolled - period.spent);
    const rolled = budget?.deletedAt === undefined ? Math.min(rest, budget?.rollover?.maxNanoUsd ?? 0) : 0;
    const next =
      budget === undefined || rolled === 0 ? undefined : freshPeriod(budget, period.user, period.end);
    if (next !== undefined) await parts.budgetPeriods.open(next);
    await transact(connection, async (session) => {
      const closed = await periods.updateOne(
        { _id: period._id, closed: { $exists: false } } as never,
        { $set: { closed: true } },
        { session },
      );
      if (closed.modifiedCount === 0) throw new Leave(undefined);
      if (next === undefined || budget === undefined) return;
      await rollOver(session, budget, next, rolled);
    });
  }

  async function rollOver(session: mongo.ClientSession, budget: Budget, next: BudgetPeriod, rolled: number) {
    const { thresholds } = budget;
    const { amount } = next;
    const more = blockedAtNanoUsd(amount + rolled, thresholds) - blockedAtNanoUsd(amount, thresholds);
    await periods.updateOne(
      { _id: next._id } as never,
      { $inc: { rolled, ceiling: more, left: more } } as never,
      { session },
    );
    await insertRow(
      session,
      rowOf(next, 'rolled_over', `${next._id}:rolled`, next.start, { rolledNanoUsd: rolled }),
    );
  }

  /**
   * Opens the present period of each active budget, with its event. @returns organizations with a new one.
   */
  async function openPeriods(at: Date): Promise<string[]> {
    const opened = new Set<string>();
    for await (const budget of parts.budgets.everyActive()) {
      if (budget.per === 'user') continue;
      const period = await parts.budgetPeriods.at(budget, undefined, at);
      if (period?.opened === true) opened.add(budget.org);
    }
    return [...opened];
  }

  async function change(filter: object, update: object, row: ReturnType<typeof rowOf>): Promise<boolean> {
    return transact(connection, async (session) => {
      const result = await periods.updateOne(filter as never, update as never, { session });
      if (result.modifiedCount === 0) throw new Leave(false);
      await insertRow(session, row);
      await parts.organizations.bumpBudgets(session, row.org);
      return true;
    });
  }

  async function insertRow(session: mongo.ClientSession, row: ReturnType<typeof rowOf>): Promise<void> {
    const position = `${row.at.toISOString()}:${row._id}`;
    await parts.auditLog.model.collection.insertOne({ ...row, position } as never, { session });
  }

  return { endRaises, endGrace, closePeriods, openPeriods };
}

function rowOf(
  period: Pick<BudgetPeriod, '_id' | 'org' | 'budget'>,
  event: AuditEvent,
  _id: string,
  at: Date,
  details: Record<string, unknown>,
) {
  return {
    _id,
    org: period.org,
    budget: period.budget,
    subject: period._id,
    event,
    by: 'system',
    details,
    at,
  };
}
