import type { Connection, mongo, QueryFilter } from 'mongoose';
import { type Budget, type BudgetTerms, blockedAtNanoUsd } from '../domain/budgets/budget.ts';
import type { NewAuditRow } from './audit-log.ts';
import { type BudgetFilter, whereBudget } from './budget-filter.ts';
import type { BudgetPeriod, Raise } from './budget-periods.ts';
import { BUDGET_FIELDS, type BudgetDoc, fromBudgetDoc } from './budget-record.ts';
import { collectionModel } from './model.ts';
import { type Page, type PageRequest, pageOf } from './page.ts';
import { Leave, transact } from './transaction.ts';

/** What may be changed of a budget: another scope or period would make its counters count another thing. */
export type BudgetEdit = Partial<Omit<BudgetTerms, 'scope' | 'per' | 'period' | 'currency'>> & {
  /** Taken away. */
  remove?: ('rollover' | 'breaker')[];
};

interface Parts {
  connection: Connection;
  periods: { model: { collection: mongo.Collection } };
  audit: { model: { collection: mongo.Collection } };
  organizations: { bumpBudgets(session: mongo.ClientSession, org: string): Promise<void> };
  /** Makes the open holds miss at their next draw, so that they are acquired anew. */
  markStale(org: string, scope: Budget['scope']): Promise<void>;
}

/**
 * Budgets. Each change is one transaction over the budget, its periods, the organization's version and the
 * audit log; after it the open holds in its scope are marked stale.
 */
export function budgetStore(parts: Parts) {
  const { connection } = parts;
  const model = collectionModel<BudgetDoc>(connection, 'budgets', BUDGET_FIELDS, [
    [{ org: 1, alive: 1, position: -1 }],
    [{ org: 1, position: -1 }],
    [{ alive: 1, _id: 1 }],
    [{ marking: 1 }, { sparse: true }],
  ]);

  async function change(
    org: string,
    id: string,
    at: Date,
    work: (session: mongo.ClientSession, budget: Budget) => Promise<AuditFacts>,
  ): Promise<Budget | undefined> {
    const changed = await transact(connection, async (session) => {
      const doc = (await model.collection.findOne({ _id: id, org, alive: true } as never, {
        session,
      })) as unknown as BudgetDoc | null;
      if (doc === null) throw new Leave(undefined);
      const { auditId, ...facts } = await work(session, fromBudgetDoc(doc));
      await touch(session, org, id);
      const row = { _id: auditId ?? `${id}:${at.getTime()}:${facts.event}:${randomPart()}`, org, budget: id };
      await insertAudit(session, { ...row, at, ...facts });
      const after = await model.collection.findOne({ _id: id } as never, { session });
      return fromBudgetDoc(after as unknown as BudgetDoc);
    });
    if (changed !== undefined) await finishChange(id);
    return changed;
  }

  /** What is known of the organization's budgets does not hold any more; open holds in the scope go stale. */
  async function touch(session: mongo.ClientSession, org: string, id: string): Promise<void> {
    await parts.organizations.bumpBudgets(session, org);
    await model.collection.updateOne({ _id: id } as never, { $set: { marking: randomPart() } }, { session });
  }

  /** Repeated by whoever comes next, where the process that changed the budget has died behind its commit. */
  async function finishChange(id: string): Promise<void> {
    const doc = (await model.collection.findOne({ _id: id } as never)) as unknown as BudgetDoc | null;
    if (doc?.marking === undefined) return;
    await parts.markStale(doc.org, doc.scope);
    const same = { _id: id, marking: doc.marking };
    await model.collection.updateOne(same as never, { $unset: { marking: 1 } } as never);
  }

  async function insertAudit(session: mongo.ClientSession, row: NewAuditRow): Promise<void> {
    const position = `${row.at.toISOString()}:${row._id}`;
    await parts.audit.model.collection.insertOne({ ...row, position } as never, { session });
  }

  const openPeriods = async (session: mongo.ClientSession, org: string, budget: string, at: Date) =>
    (await parts.periods.model.collection
      .find({ org, budget, end: { $gt: at } }, { session })
      .toArray()) as unknown as BudgetPeriod[];

  return {
    model,
    touch,
    finishChange,
    /**
     * Stores a new budget. @returns undefined where its id is taken, so that a repeated request changes
     * nothing.
     */
    async create(
      org: string,
      id: string,
      terms: BudgetTerms,
      by: string,
      at: Date,
    ): Promise<Budget | undefined> {
      const facts = { org, createdBy: by, createdAt: at, updatedAt: at };
      const position = `${at.toISOString()}:${id}`;
      const created = await transact(connection, async (session) => {
        if ((await model.collection.findOne({ _id: id } as never, { session })) !== null)
          throw new Leave(undefined);
        const doc = { _id: id, ...terms, ...facts, position, alive: true, marking: randomPart() };
        await model.collection.insertOne(doc as never, { session });
        await parts.organizations.bumpBudgets(session, org);
        const details = { amountNanoUsd: terms.amountNanoUsd };
        await insertAudit(session, {
          _id: `${id}:created`,
          org,
          budget: id,
          event: 'created',
          by,
          details,
          at,
        });
        return { id, ...terms, ...facts };
      });
      await finishChange(id);
      return created;
    },
    /** Changes a budget; what is committed stays. @returns undefined where there is no such budget. */
    async edit(org: string, id: string, edit: BudgetEdit, by: string, at: Date): Promise<Budget | undefined> {
      const { remove = [], ...set } = edit;
      return change(org, id, at, async (session, budget) => {
        const unset = Object.fromEntries(remove.map((field) => [field, 1]));
        await model.collection.updateOne(
          { _id: id } as never,
          { $set: { ...set, updatedAt: at }, ...(remove.length > 0 && { $unset: unset }) },
          { session },
        );
        const amount = set.amountNanoUsd ?? budget.amountNanoUsd;
        const thresholds = set.thresholds ?? budget.thresholds;
        for (const period of await openPeriods(session, org, id, at)) {
          const ceiling = blockedAtNanoUsd(amount + period.rolled, thresholds) + period.raised + period.grace;
          const more = ceiling - period.ceiling;
          await parts.periods.model.collection.updateOne(
            { _id: period._id } as never,
            { $set: { amount }, $inc: { ceiling: more, left: more } },
            { session },
          );
        }
        return {
          event: 'edited',
          by,
          details: { before: pick(budget, Object.keys(set)), after: set, remove },
        };
      });
    },
    /** Takes a budget out of account; its periods and history stay. */
    async remove(org: string, id: string, by: string, at: Date): Promise<boolean> {
      const removed = await change(org, id, at, async (session) => {
        const set = { alive: false, active: false, deletedAt: at, updatedAt: at };
        await model.collection.updateOne({ _id: id } as never, { $set: set }, { session });
        return { event: 'deleted', by };
      });
      return removed !== undefined;
    },
    /**
     * Raises one open period for a time, once. @returns undefined where it is not there, or has the raise.
     */
    async raise(org: string, id: string, period: string, raise: Raise): Promise<Budget | undefined> {
      const { amountNanoUsd, by, reason, at, until } = raise;
      return change(org, id, at, async (session) => {
        const result = await parts.periods.model.collection.updateOne(
          { _id: period, org, budget: id, end: { $gt: at }, 'raises.id': { $ne: raise.id } } as never,
          {
            $inc: { raised: amountNanoUsd, ceiling: amountNanoUsd, left: amountNanoUsd },
            $push: { raises: raise } as never,
          },
          { session },
        );
        if (result.matchedCount === 0) throw new Leave(undefined);
        const details = { amountNanoUsd, ...(until && { until }) };
        return {
          event: 'raised',
          by,
          reason,
          subject: period,
          details,
          auditId: `${period}:raise:${raise.id}`,
        };
      });
    },
    /** Closes an open breaker by hand. @returns undefined where none is open. */
    async closeBreaker(
      org: string,
      id: string,
      reason: string,
      by: string,
      at: Date,
    ): Promise<Budget | undefined> {
      return change(org, id, at, async (session) => {
        const result = await parts.periods.model.collection.updateMany(
          { org, budget: id, end: { $gt: at }, breaker: { $exists: true } } as never,
          { $unset: { breaker: 1 }, $set: { breakerClosedAt: at } } as never,
          { session },
        );
        if (result.modifiedCount === 0) throw new Leave(undefined);
        return { event: 'breaker_closed', by, reason };
      });
    },
    async find(org: string, id: string): Promise<Budget | undefined> {
      const doc = await model.findOne({ org, _id: id }).lean<BudgetDoc>();
      return doc === null ? undefined : fromBudgetDoc(doc);
    },
    /** Budgets that are not deleted, the newest first. */
    async list(org: string, filter: BudgetFilter, request: PageRequest): Promise<Page<Budget>> {
      const where = { org, alive: true, ...whereBudget(filter) } as QueryFilter<BudgetDoc>;
      const page = await pageOf<BudgetDoc>(model, where, { field: 'position', order: -1 }, request);
      return { ...page, rows: page.rows.map(fromBudgetDoc) };
    },
    /** All budgets of an organization that count at present. At most 10,000. */
    async active(org: string): Promise<Budget[]> {
      const docs = await model.find({ org, alive: true, active: true }).limit(10_000).lean<BudgetDoc[]>();
      return docs.map(fromBudgetDoc);
    },
    /** The active budgets of all organizations, one after another: for housekeeping. */
    async *everyActive(): AsyncGenerator<Budget> {
      const cursor = model.find({ alive: true, active: true }).sort({ _id: 1 }).lean<BudgetDoc[]>().cursor();
      for await (const doc of cursor) yield fromBudgetDoc(doc as unknown as BudgetDoc);
    },
    /** Marks stale what changes of any organization have left, because somebody died: for housekeeping. */
    async finishChanges(limit = 1_000): Promise<void> {
      const docs = await model
        .find({ marking: { $exists: true } }, { _id: 1 })
        .limit(limit)
        .lean<BudgetDoc[]>();
      for (const { _id } of docs) await finishChange(_id);
    },
    /** Budgets of all organizations by their ids: for housekeeping and the fold. */
    async findMany(ids: string[]): Promise<Budget[]> {
      const docs = await model.find({ _id: { $in: ids } }).lean<BudgetDoc[]>();
      return docs.map(fromBudgetDoc);
    },
  };
}

type AuditFacts = Pick<NewAuditRow, 'event' | 'by' | 'reason' | 'subject' | 'details'> & { auditId?: string };

function pick(budget: Budget, names: string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, budget[name as keyof Budget]]));
}

/** Two edits may come in the same millisecond. */
function randomPart(): string {
  return Math.random().toString(36).slice(2, 8);
}
