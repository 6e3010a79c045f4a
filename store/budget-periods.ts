import type { Connection } from 'mongoose';
import type { Told } from '../domain/alerts/thresholds.ts';
import { type Budget, blockedAtNanoUsd } from '../domain/budgets/budget.ts';
import { periodAt, periodIdOf } from '../domain/budgets/periods.ts';
import type { AuditLog, NewAuditRow } from './audit-log.ts';
import { collectionModel, isDuplicate, Mixed } from './model.ts';
import { transact } from './transaction.ts';

/** A temporary increase of one period. */
export interface Raise {
  id: string;
  amountNanoUsd: number;
  reason: string;
  by: string;
  at: Date;
  /** When it ends by itself; else with the period. */
  until?: Date;
  endedAt?: Date;
}

/** Open: no new holds and draws. Half open: one probe may pass. */
export interface BreakerState {
  state: 'open' | 'half_open';
  cause: 'spent' | 'velocity';
  openedAt: Date;
  /** After a velocity trip: from then on half open. */
  until?: Date;
  /** The probe's hold, and until when no other may take its place. */
  probe?: string;
  leaseUntil?: Date;
}

/**
 * The counters of one period of a budget, in nano-dollars. `_id` = budget:start, of a template
 * budget:user:start; a run's own cap is a period as well (`cap:RUN`).
 */
export interface BudgetPeriod {
  _id: string;
  org: string;
  /** '' for a run's own cap. */
  budget: string;
  user?: string;
  start: Date;
  end: Date;
  /** What was set, and what the period before has left over. */
  amount: number;
  rolled: number;
  raised: number;
  grace: number;
  /** What may be committed: floor((amount + rolled) × block) + raised + grace. */
  ceiling: number;
  /** All that was spent and all that holds still keep. */
  committed: number;
  /** ceiling − committed; the one number that admission guards. Below 0 only by the named ways past. */
  left: number;
  /** Sum of the entries that the fold has counted. */
  spent: number;
  /** Number of the last batch of the fold that is counted here. */
  batch: number;
  raises: Raise[];
  breaker?: BreakerState;
  /** Closed by hand: it does not open again for what was spent before. */
  breakerClosedAt?: Date;
  /** A probe has closed the breaker: its speed counts from then on. */
  burnSince?: Date;
  graceUntil?: Date;
  /** How far spending had come when people were told of shares of the amount. */
  told?: Told;
  /** Housekeeping has settled the period for good: raises ended, rest rolled over. */
  closed?: boolean;
}

const FIELDS = {
  _id: String,
  org: String,
  budget: String,
  user: String,
  start: Date,
  end: Date,
  amount: Number,
  rolled: Number,
  raised: Number,
  grace: Number,
  ceiling: Number,
  committed: Number,
  left: Number,
  spent: Number,
  batch: Number,
  raises: [Mixed] as [typeof Mixed],
  breaker: Mixed,
  breakerClosedAt: Date,
  burnSince: Date,
  graceUntil: Date,
  told: Mixed,
  closed: Boolean,
};

/** Known to exist; forgotten all at once when there are too many. */
const MAX_KNOWN = 50_000;

/** Budget periods. Only acquire, extend, release, edits and the fold move their counters. */
export function budgetPeriodStore(connection: Connection, auditLog: Pick<AuditLog, 'addIn'>) {
  const model = collectionModel<BudgetPeriod>(connection, 'budget_periods', FIELDS, [
    [{ org: 1, budget: 1, start: -1 }],
    [{ org: 1, end: 1 }],
    [{ closed: 1, end: 1 }],
    [{ 'raises.until': 1 }, { sparse: true }],
    [{ graceUntil: 1 }, { sparse: true }],
  ]);
  const budgets = connection.collection('budgets');
  const known = new Set<string>();

  /** Opens the period unless it is there. @returns whether it was opened by this call. */
  async function open(period: BudgetPeriod, at = period.start): Promise<boolean> {
    if (known.has(period._id)) return false;
    const isThere = (await model.collection.findOne({ _id: period._id } as never)) !== null;
    const opened = !isThere && (await insert(period, at));
    if (known.size >= MAX_KNOWN) known.clear();
    known.add(period._id);
    return opened;
  }

  /**
   * With the amount that its budget has now: it may have been edited since it was read. The edit writes the
   * same budget, so of the two one comes first: it finds the period and changes it, or the period has its
   * amount.
   * With it goes the event of a new period.
   */
  async function insert(period: BudgetPeriod, at: Date): Promise<boolean> {
    try {
      return await transact(connection, async (session) => {
        const _id = period.budget;
        const budget = _id === '' ? null : await budgets.findOne({ _id } as never, { session });
        const row = withAmountOf(budget as never, period);
        await model.collection.insertOne(row as never, { session });
        if (budget === null) return true;
        await budgets.updateOne({ _id } as never, { $inc: { opened: 1 } } as never, { session });
        await auditLog.addIn(session, resetOf(row, at));
        return true;
      });
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  return {
    model,
    open,
    /** The period that a budget has at a time, opened on first use; undefined where it has none then. */
    async at(
      budget: Budget,
      user: string | undefined,
      at: Date,
    ): Promise<{ id: string; end: Date; opened: boolean } | undefined> {
      const fresh = freshPeriod(budget, user, at);
      if (fresh === undefined) return undefined;
      return { id: fresh._id, end: fresh.end, opened: await open(fresh, at) };
    },
    /** Opens a run's own limit unless it is there. */
    async openCap(org: string, run: string, amountNanoUsd: number, start: Date): Promise<void> {
      await open(capPeriod(org, run, amountNanoUsd, start));
    },
    /** Sets another limit for a run; what is committed stays. Repeating it changes nothing. */
    async setCap(org: string, run: string, amountNanoUsd: number, start: Date): Promise<void> {
      await open(capPeriod(org, run, amountNanoUsd, start));
      await model.collection.updateOne({ _id: capIdOf(run), org } as never, [
        {
          $set: {
            amount: amountNanoUsd,
            ceiling: amountNanoUsd,
            left: { $subtract: [amountNanoUsd, '$committed'] },
          },
        },
      ]);
    },
    async find(org: string, id: string): Promise<BudgetPeriod | undefined> {
      return (await model.findOne({ _id: id, org }).lean<BudgetPeriod>()) ?? undefined;
    },
    async findMany(ids: string[]): Promise<BudgetPeriod[]> {
      if (ids.length === 0) return [];
      const rows = await model.collection.find({ _id: { $in: ids } } as never).toArray();
      return rows as unknown as BudgetPeriod[];
    },
    /** The periods of a budget, the newest first: of a template those of all users. */
    async ofBudget(org: string, budget: string, limit: number): Promise<BudgetPeriod[]> {
      return model.find({ org, budget }).sort({ start: -1 }).limit(limit).lean<BudgetPeriod[]>();
    },
    /** The periods of an organization that are not over yet. */
    async current(org: string, at: Date, limit = 10_000): Promise<BudgetPeriod[]> {
      return model
        .find({ org, end: { $gt: at } })
        .limit(limit)
        .lean<BudgetPeriod[]>();
    },
  };
}

/** A period with nothing committed yet; undefined where the budget has none at that time. */
export function freshPeriod(budget: Budget, user: string | undefined, at: Date): BudgetPeriod | undefined {
  const cut = periodAt(budget.period, at);
  if (cut === undefined) return undefined;
  const ceiling = blockedAtNanoUsd(budget.amountNanoUsd, budget.thresholds);
  return {
    _id: periodIdOf(budget.id, user, cut),
    org: budget.org,
    budget: budget.id,
    ...(user === undefined ? {} : { user }),
    start: cut.start,
    end: cut.end,
    ...untouched(budget.amountNanoUsd, ceiling),
  };
}

function resetOf({ _id, org, budget, amount }: BudgetPeriod, at: Date): NewAuditRow {
  const details = { amountNanoUsd: amount };
  return { _id: `${_id}:reset`, org, budget, subject: _id, event: 'reset', by: 'system', details, at };
}

function withAmountOf(budget: Budget | null, period: BudgetPeriod): BudgetPeriod {
  if (budget === null) return period;
  const { amountNanoUsd: amount, thresholds } = budget;
  return { ...period, ...untouched(amount, blockedAtNanoUsd(amount, thresholds)) };
}

function capIdOf(run: string): string {
  return `cap:${run}`;
}

/** A run's own cap, as a period that no budget has. */
function capPeriod(org: string, run: string, amountNanoUsd: number, start: Date): BudgetPeriod {
  const end = new Date(FAR_FUTURE_MS);
  return { _id: capIdOf(run), org, budget: '', start, end, ...untouched(amountNanoUsd, amountNanoUsd) };
}

/** A time that no period outlives. */
export const FAR_FUTURE_MS = Date.UTC(9999, 0, 1);

function untouched(amount: number, ceiling: number) {
  const counters = { rolled: 0, raised: 0, grace: 0, committed: 0, spent: 0, batch: 0, raises: [] };
  return { ...counters, amount, ceiling, left: ceiling };
}
