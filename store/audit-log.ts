import type { Connection, mongo } from 'mongoose';
import type { NewAlert } from '../domain/alerts/alert.ts';
import { auditedAlert } from '../domain/alerts/audited-alerts.ts';
import { given } from '../domain/given.ts';
import type { alertStore } from './alerts.ts';
import { collectionModel, insertEach, Mixed } from './model.ts';
import { type Page, type PageRequest, pageOf } from './page.ts';

/** Who did what to money, keys and roles, and what budgets did by themselves. */
export interface AuditRow {
  /** Made by the caller where the same thing must not be told twice, e.g. `PERIOD:block`. */
  _id: string;
  org: string;
  /** The budget concerned, or '' where it is another thing. */
  budget: string;
  /** The budget period, hold or run concerned. */
  subject?: string;
  event: AuditEvent;
  /** The id of an API key or a person, or `system`. */
  by: string;
  reason?: string;
  /** Numbers and changes, with units in the names. */
  details?: Record<string, unknown>;
  at: Date;
  /** Time and id: unique, and the order of lists. */
  position: string;
}

export type AuditEvent =
  | 'created'
  | 'edited'
  | 'deleted'
  | 'raised'
  | 'raise_ended'
  | 'bypassed'
  | 'emergency'
  | 'grace_started'
  | 'overrun'
  | 'reset'
  | 'rolled_over'
  | 'warning'
  | 'throttle'
  | 'block'
  | 'breaker_opened'
  | 'breaker_half_open'
  | 'breaker_closed'
  | 'ledger_difference'
  | 'settings'
  | 'price'
  | 'gpu_price'
  | 'cost_snapshot'
  | 'provider_key'
  | 'api_key'
  | 'person'
  | 'run_approved'
  | 'run_limit'
  | 'cost_model'
  | 'provider_limit'
  | 'channel'
  | 'retention';

export type NewAuditRow = Omit<AuditRow, 'position'>;

/**
 * The audit log: rows are added and never changed. What people should know at once of what it holds is raised
 * as an alert with it.
 */
export function auditLogStore(connection: Connection, alerts: ReturnType<typeof alertStore>) {
  const model = collectionModel<AuditRow>(
    connection,
    'audit_log',
    {
      _id: String,
      org: String,
      budget: String,
      subject: String,
      event: String,
      by: String,
      reason: String,
      details: Mixed,
      at: Date,
      position: String,
    },
    [[{ org: 1, position: -1 }], [{ org: 1, budget: 1, position: -1 }], [{ org: 1, event: 1, position: -1 }]],
  );
  const budgets = connection.collection('budgets');

  async function alertsOf(rows: NewAuditRow[], session?: mongo.ClientSession): Promise<NewAlert[]> {
    const found = await Promise.all(
      rows.map(async (row) => {
        if (auditedAlert(row, '') === undefined) return undefined;
        const budget = await budgets.findOne({ _id: row.budget } as never, session && { session });
        return auditedAlert(row, String((budget as { name?: unknown } | null)?.name ?? 'A budget'));
      }),
    );
    return found.filter((alert) => alert !== undefined);
  }

  return {
    model,
    /** Adds rows; one whose id is there already is left as it is. @returns for each whether it is new. */
    async add(rows: NewAuditRow[]): Promise<boolean[]> {
      if (rows.length === 0) return [];
      // Alerts first, as they are raised only once: a crash in between leaves nothing untold.
      await alerts.raise(await alertsOf(rows));
      return insertEach(model, rows.map(withPosition));
    },
    /** Adds a row in a transaction. */
    async addIn(session: mongo.ClientSession, row: NewAuditRow): Promise<void> {
      await model.collection.insertOne(withPosition(row) as never, { session });
      await alerts.raiseIn(session, await alertsOf([row], session));
    },
    async list(
      org: string,
      of: { budget?: string; event?: AuditEvent },
      request: PageRequest,
    ): Promise<Page<AuditRow>> {
      return pageOf<AuditRow>(model, { org, ...of }, { field: 'position', order: -1 }, request);
    },
    /** Rows from before a time, the oldest first. @param after position of the last one that was read */
    async before(org: string, before: Date, after: string, limit: number): Promise<AuditRow[]> {
      const filter = { org, position: { $gt: after, $lt: before.toISOString() } };
      return model.find(filter).sort({ position: 1 }).limit(limit).lean<AuditRow[]>();
    },
    /** How many there are, and when the first was added. */
    async extent(org: string): Promise<{ rows: number; oldest?: Date }> {
      const [rows, oldest] = await Promise.all([
        model.countDocuments({ org }),
        model.findOne({ org }, { at: 1 }).sort({ position: 1 }).lean<AuditRow>(),
      ]);
      return given({ rows, oldest: oldest?.at });
    },
    /** How often something happened within a time, over all budgets of the organization. */
    async count(org: string, event: AuditEvent, since: Date): Promise<number> {
      return model.countDocuments({ org, event, position: { $gte: since.toISOString() } });
    },
  };
}

export type AuditLog = ReturnType<typeof auditLogStore>;

function withPosition(row: NewAuditRow): AuditRow {
  return { ...row, position: `${row.at.toISOString()}:${row._id}` };
}
