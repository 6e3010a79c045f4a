import { createHash } from 'node:crypto';
import type { Connection } from 'mongoose';
import type { Channel } from '../domain/alerts/channel.ts';
import { collectionModel, insertEach, Mixed } from './model.ts';

const DELIVERY_STATES = ['pending', 'held', 'sent', 'failed'] as const;

const OVER: Delivery['state'][] = ['sent', 'failed'];

/** What is told over one channel: an alert, or a digest of several. Its id is the notice's. */
export interface Delivery {
  _id: string;
  org: string;
  /** One, or those that a digest has gathered. */
  alerts: string[];
  /** The report of a month, YYYY-MM. */
  report?: string;
  /** People were told of it before. */
  again?: boolean;
  /** A digest: of what is held for the channel until then. */
  gathersUntil?: Date;
  channel: string;
  /** As it was named then: channels may go. */
  channelName: string;
  channelType: Channel['type'];
  /** Where a budget's own notification says so; such a channel stands nowhere else. */
  adHoc?: Channel;
  state: (typeof DELIVERY_STATES)[number];
  attempts: number;
  /** How the last attempt went. */
  detail?: string;
  /** The channel that is told in place of another that failed. */
  insteadOf?: string;
  createdAt: Date;
  /** Of a held one: when it goes, together with others. */
  dueAt?: Date;
  sentAt?: Date;
  /** The digest that it went with. */
  digest?: string;
}

function idOf(...parts: (string | number)[]): string {
  return `dlv_${createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 20)}`;
}

/** Deliveries of alerts over channels, with how they went. */
export function deliveryStore(connection: Connection) {
  const model = collectionModel<Delivery>(
    connection,
    'deliveries',
    {
      ...{ _id: String, org: String, alerts: [String] as [typeof String], channel: String },
      ...{ channelName: String, channelType: String, adHoc: Mixed, state: String, attempts: Number },
      ...{ detail: String, insteadOf: String, createdAt: Date, dueAt: Date, sentAt: Date, digest: String },
      gathersUntil: Date,
      again: Boolean,
      report: String,
    },
    [
      [{ org: 1, alerts: 1, createdAt: 1 }],
      [{ org: 1, channel: 1, sentAt: 1 }],
      [{ org: 1, channel: 1, state: 1, dueAt: 1 }],
      [{ org: 1, digest: 1 }, { partialFilterExpression: { digest: { $exists: true } } }],
      [{ state: 1, dueAt: 1 }, { partialFilterExpression: { dueAt: { $exists: true } } }],
    ],
  );
  const one = ({ _id, org }: Pick<Delivery, '_id' | 'org'>) => ({ _id, org }) as never;
  return {
    model,
    /** The same parts always make the same id: who delivers the same, delivers it once. */
    idOf,
    /** Those that are there already are left as they are. */
    async add(rows: Delivery[]): Promise<void> {
      if (rows.length > 0) await insertEach(model, rows);
    },
    async find(org: string, id: string): Promise<Delivery | undefined> {
      return (await model.findOne({ _id: id, org }).lean<Delivery>()) ?? undefined;
    },
    /** Of an alert, in the order in which they were made. */
    async ofAlert(org: string, alert: string, limit: number): Promise<Delivery[]> {
      return model.find({ org, alerts: alert }).sort({ createdAt: 1 }).limit(limit).lean<Delivery[]>();
    },
    /** Those that are over, of these alerts and of no other that is still there, as `isThere` says. */
    async overWith(
      org: string,
      alerts: string[],
      isThere: (ids: string[]) => Promise<string[]>,
    ): Promise<string[]> {
      const of = { org, alerts: { $in: alerts }, state: { $in: OVER } };
      const found = await model.find(of, { alerts: 1 }).lean<Pick<Delivery, '_id' | 'alerts'>[]>();
      const going = new Set(alerts);
      const others = found.flatMap((row) => row.alerts.filter((id) => !going.has(id)));
      const staying = new Set(others.length === 0 ? [] : await isThere([...new Set(others)]));
      return found.filter((row) => !row.alerts.some((id) => staying.has(id))).map(({ _id }) => _id);
    },
    async countSent(org: string, channel: string, since: Date): Promise<number> {
      return model.countDocuments({ org, channel, sentAt: { $gte: since } });
    },
    async sent(of: Pick<Delivery, '_id' | 'org'>, detail: string, at: Date): Promise<void> {
      await model.collection.updateOne(one(of), {
        $set: { state: 'sent', detail, sentAt: at },
        $inc: { attempts: 1 },
      });
    },
    /** An attempt went wrong; `final` where there is no other. */
    async failed(of: Pick<Delivery, '_id' | 'org'>, detail: string): Promise<void> {
      await model.collection.updateOne(one(of), { $set: { detail }, $inc: { attempts: 1 } });
    },
    async giveUp(of: Pick<Delivery, '_id' | 'org'>): Promise<void> {
      await model.collection.updateOne(one(of), { $set: { state: 'failed' } });
    },
    /** One that was held and whose time has come. */
    async nextDue(at: Date): Promise<Delivery | undefined> {
      const due = { state: 'held' as const, dueAt: { $lte: at } };
      return (await model.findOne(due).sort({ dueAt: 1 }).lean<Delivery>()) ?? undefined;
    },
    /** Takes what was held for a digest's channel into it; again the same. @returns its alerts. */
    async gather({ _id: digest, org, channel, gathersUntil }: Delivery): Promise<string[]> {
      const held = { org, channel, state: 'held', dueAt: { $lte: gathersUntil } };
      const taken = { state: 'sent', detail: 'in a digest', digest };
      await model.collection.updateMany(held as never, { $set: taken, $unset: { dueAt: 1 } } as never);
      const rows = await model.find({ org, digest }).lean<Delivery[]>();
      const alerts = [...new Set(rows.flatMap((row) => row.alerts))];
      await model.collection.updateOne(one({ _id: digest, org }), { $set: { alerts } } as never);
      return alerts;
    },
  };
}
