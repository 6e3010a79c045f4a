import { createHash } from 'node:crypto';
import type { Connection, mongo } from 'mongoose';
import type { Alert, AlertChange, AlertType, NewAlert } from '../domain/alerts/alert.ts';
import { given } from '../domain/given.ts';
import { collectionModel, insertEach, Mixed } from './model.ts';
import { type Page, type PageRequest, pageOf } from './page.ts';

interface AlertDoc extends Omit<Alert, 'id'> {
  _id: string;
  /** When people are to be told; absent where they were, or need not be. */
  dueAt?: Date;
  /** Time and id: unique, and the order of lists. */
  position: string;
}

export interface AlertQuery {
  state?: Alert['state'];
  /** Open or acknowledged. */
  notResolved?: boolean;
  type?: AlertType;
  severity?: Alert['severity'];
  budget?: string;
  run?: string;
}

type RaisedAlert = Pick<Alert, 'id' | 'raisedAt'>;

/** What is over at once: there is nothing that anybody could do about it. */
const EVENTS: ReadonlySet<AlertType> = new Set(['budget_reset', 'breaker_closed', 'run_finished']);
const OPEN: Alert['state'][] = ['open', 'acknowledged'];
const NOT_RESOLVED = { state: { $in: OPEN } };

/** Alerts: raised once, whoever raises them, and changed by what people make of them. */
export function alertStore(connection: Connection) {
  const model = collectionModel<AlertDoc>(
    connection,
    'alerts',
    {
      ...{ _id: String, org: String, type: String, key: String, lasting: Boolean },
      ...{ severity: String, title: String, text: String, facts: [Mixed] as [typeof Mixed], data: Mixed },
      ...{ budget: String, run: String, at: Date, raisedAt: Date, resolvedAt: Date, snoozedUntil: Date },
      ...{ state: String, dueAt: Date, round: Number, history: [Mixed] as [typeof Mixed], position: String },
    },
    [
      [{ org: 1, position: -1 }],
      [{ org: 1, state: 1, position: -1 }],
      [{ org: 1, type: 1, position: -1 }],
      [{ org: 1, run: 1, type: 1 }, { partialFilterExpression: { run: { $exists: true } } }],
      [{ org: 1, budget: 1, type: 1 }, { partialFilterExpression: { budget: { $exists: true } } }],
      [{ org: 1, type: 1, key: 1 }],
      [{ dueAt: 1 }, { sparse: true }],
    ],
  );

  async function change(filter: object, set: object, entry: AlertChange, unset: string[]): Promise<number> {
    const history = { $concatArrays: ['$history', [{ $literal: entry }]] };
    const update = [{ $set: { ...set, history } }, ...(unset.length > 0 ? [{ $unset: unset }] : [])];
    return (await model.collection.updateMany(filter as never, update as never)).modifiedCount;
  }

  /** What people were told of, they are told the end of too. */
  async function resolve(org: string, filter: object, at: Date): Promise<void> {
    const entry: AlertChange = { at, event: 'resolved', by: 'system' };
    const open = { org, ...filter, ...NOT_RESOLVED };
    const over = { state: 'resolved', resolvedAt: at };
    const told = { ...open, lasting: true, round: { $gt: 0 } };
    await change(told, { ...over, dueAt: at }, entry, ['snoozedUntil']);
    await change({ ...open, lasting: true }, over, entry, ['snoozedUntil', 'dueAt']);
    await change(open, over, entry, ['snoozedUntil']);
  }

  /**
   * Raises alerts; one that is there already is left as it is, of lasting ones one that is open.
   * @returns for each whether it is new.
   */
  async function raise(alerts: NewAlert[]): Promise<boolean[]> {
    const docs = await Promise.all(alerts.map(async (alert) => toDoc(alert, await timesBefore(alert))));
    return docs.length === 0 ? [] : insertEach(model, docs);
  }

  /** So often a lasting alert has come and gone: who raises it at the same time makes the same id. */
  async function timesBefore({ org, type, key, lasting }: NewAlert): Promise<number> {
    if (lasting !== true) return 0;
    return model.countDocuments({ org, type, key, state: 'resolved' });
  }

  return {
    model,
    raise,
    /** Raises alerts that nobody else can raise, in a transaction. */
    async raiseIn(session: mongo.ClientSession, alerts: NewAlert[]): Promise<void> {
      if (alerts.length === 0) return;
      await model.collection.insertMany(alerts.map((alert) => toDoc(alert, 0)) as never, { session });
    },
    /**
     * Brings lasting alerts in line with what holds now: raises what is new, and resolves those of the types
     * whose keys hold no more.
     */
    async align(org: string, types: AlertType[], holding: NewAlert[], at: Date): Promise<void> {
      await raise(holding);
      for (const type of types) {
        const keys = holding.filter((alert) => alert.type === type).map(({ key }) => key);
        await resolve(org, { type, lasting: true, key: { $nin: keys } }, at);
      }
    },
    /** Resolves what was open of a run, but for one alert. */
    async resolveOfRun(org: string, run: string, at: Date, butKey?: string): Promise<void> {
      await resolve(org, { run, ...(butKey !== undefined && { key: { $ne: butKey } }) }, at);
    },
    async resolveMany(org: string, ids: string[], at: Date): Promise<void> {
      if (ids.length > 0) await resolve(org, { _id: { $in: ids } }, at);
    },
    async find(org: string, id: string): Promise<Alert | undefined> {
      const doc = await model.findOne({ _id: id, org }).lean<AlertDoc>();
      return doc === null ? undefined : fromDoc(doc);
    },
    async findMany(org: string, ids: string[]): Promise<Alert[]> {
      const docs = await model.find({ _id: { $in: ids }, org }).lean<AlertDoc[]>();
      return docs.map(fromDoc).toSorted((a, b) => a.raisedAt.getTime() - b.raisedAt.getTime());
    },
    /** The newest first. */
    async list(org: string, of: AlertQuery, request: PageRequest): Promise<Page<Alert>> {
      const { notResolved, ...named } = of;
      const filter = { org, ...named, ...(notResolved && { state: { $in: OPEN } }) };
      const page = await pageOf<AlertDoc>(model, filter, { field: 'position', order: -1 }, request);
      return { ...page, rows: page.rows.map(fromDoc) };
    },
    /** @returns false where it is not there or resolved. Doing it twice changes nothing. */
    async acknowledge(org: string, id: string, done: Omit<AlertChange, 'event'>): Promise<boolean> {
      const open = { _id: id, org, state: 'open' };
      const entry: AlertChange = { ...done, event: 'acknowledged' };
      await change(open, { state: 'acknowledged' }, entry, ['dueAt', 'snoozedUntil']);
      return (await model.countDocuments({ _id: id, org, state: 'acknowledged' })) === 1;
    },
    /** Nobody is told until then, and again then if it is still open. @returns false where it is not open. */
    async snooze(org: string, id: string, until: Date, by: Omit<AlertChange, 'event'>): Promise<boolean> {
      const open = { _id: id, org, state: 'open' };
      const entry: AlertChange = { ...by, event: 'snoozed' };
      return (await change(open, { snoozedUntil: until, dueAt: until }, entry, [])) === 1;
    },
    /** An alert of the same thing that people want to hear nothing of now. */
    async snoozedLike({ org, type, budget, run }: Alert, at: Date): Promise<Date | undefined> {
      const subject = budget === undefined ? { run } : { budget };
      if (budget === undefined && run === undefined) return undefined;
      const like = { org, ...subject, type, snoozedUntil: { $gt: at } };
      const found = await model.collection.findOne(like as never);
      return (found as unknown as AlertDoc | null)?.snoozedUntil;
    },
    /**
     * Those that were over before a time and of which nobody is to be told, the oldest first. Lasting ones
     * are left: how often one has come and gone is part of the next one's id.
     */
    async archivable(org: string, before: Date, limit: number): Promise<RaisedAlert[]> {
      const filter = {
        ...{ org, state: 'resolved', position: { $lt: before.toISOString() }, lasting: false },
        ...{ dueAt: { $exists: false }, $or: [{ resolvedAt: null }, { resolvedAt: { $lt: before } }] },
      };
      const found = model.collection.find(filter as never, { projection: { raisedAt: 1 } });
      const docs = await found.sort({ position: 1 }).limit(limit).toArray();
      return (docs as unknown as AlertDoc[]).map(({ _id, raisedAt }) => ({ id: _id, raisedAt }));
    },
    /** How many there are, and when the first was raised. */
    async extent(org: string): Promise<{ rows: number; oldest?: Date }> {
      const [rows, oldest] = await Promise.all([
        model.countDocuments({ org }),
        model.findOne({ org }, { raisedAt: 1 }).sort({ position: 1 }).lean<AlertDoc>(),
      ]);
      return given({ rows, oldest: oldest?.raisedAt });
    },
    /** Takes one that people are to be told of; it is due again after `leaseMs` unless marked as told. */
    async takeDue(at: Date, leaseMs: number): Promise<Alert | undefined> {
      const doc = await model.collection.findOneAndUpdate(
        { dueAt: { $lte: at } } as never,
        { $set: { dueAt: new Date(at.getTime() + leaseMs) } } as never,
        { sort: { dueAt: 1 } },
      );
      return doc === null ? undefined : fromDoc(doc as unknown as AlertDoc);
    },
    /** People were told of that round, or are told later where `dueAt` is given. */
    async told({ org, id, round }: Pick<Alert, 'org' | 'id' | 'round'>, dueAt?: Date): Promise<void> {
      const update = dueAt === undefined ? { $unset: { dueAt: 1 }, $inc: { round: 1 } } : { $set: { dueAt } };
      await model.collection.updateOne({ _id: id, org, round } as never, update as never);
    },
  };
}

function toDoc(alert: NewAlert, timesBefore: number): AlertDoc {
  const { org, type, key, lasting = false, at } = alert;
  const isEvent = EVENTS.has(type);
  const parts = [org, type, key, timesBefore];
  const _id = `alr_${createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 20)}`;
  return {
    ...alert,
    lasting,
    ...{ _id, state: isEvent ? 'resolved' : 'open', raisedAt: at, dueAt: at, round: 0 },
    history: [{ at, event: 'raised', by: 'system' }],
    position: `${at.toISOString()}:${_id}`,
  };
}

function fromDoc({ _id, dueAt: _, position: __, ...alert }: AlertDoc): Alert {
  return { id: _id, ...alert };
}
