import { randomBytes } from 'node:crypto';
import type { Connection, mongo } from 'mongoose';
import type { Channel, ChannelTerms } from '../domain/alerts/channel.ts';
import type { AuditLog } from './audit-log.ts';
import { collectionModel, Mixed } from './model.ts';
import { Leave, transact } from './transaction.ts';

/** A channel that the API has set. */
export interface StoredChannel extends Omit<Channel, 'source'> {
  createdAt: Date;
  updatedAt: Date;
}

type ChannelDoc = Omit<StoredChannel, 'id'> & {
  _id: string;
  /** Time and id: unique, and the order of lists. */
  position: string;
};

/** What an edit sets and takes away, all at once. */
export interface ChannelEdit {
  set: ChannelTerms & Pick<Channel, 'sealed'>;
  unset: ('fallback' | 'quietHours' | 'sealed')[];
  /** What is different then, for the audit log. */
  fields: string[];
}

const FIELDS = {
  _id: String,
  org: String,
  name: String,
  type: String,
  target: String,
  events: [String] as [typeof String],
  minimumSeverity: String,
  enabled: Boolean,
  fallback: String,
  quietHours: Mixed,
  digest: String,
  maximumPerHour: Number,
  metadata: Mixed,
  sealed: Mixed,
  createdAt: Date,
  updatedAt: Date,
  position: String,
};

/** The API lets no organization have more. */
const MOST = 1_000;

/** Channels that people are told over. Each change stands in the audit log, without targets and secrets. */
export function channelStore(connection: Connection, audit: AuditLog) {
  const model = collectionModel<ChannelDoc>(connection, 'channels', FIELDS, [[{ org: 1, position: 1 }]]);

  function tell(
    session: mongo.ClientSession,
    of: { org: string; id: string; by: string; at: Date },
    details: Record<string, unknown>,
  ): Promise<void> {
    const { org, id, by, at } = of;
    const _id = `channel:${id}:${at.getTime()}:${randomBytes(4).toString('hex')}`;
    return audit.addIn(session, { _id, org, budget: '', subject: id, event: 'channel', by, details, at });
  }

  return {
    model,
    async find(org: string, id: string): Promise<StoredChannel | undefined> {
      const doc = await model.findOne({ org, _id: id }).lean<ChannelDoc>();
      return doc === null ? undefined : fromDoc(doc);
    },
    /** The oldest first. */
    async all(org: string): Promise<StoredChannel[]> {
      const docs = await model.find({ org }).sort({ position: 1 }).limit(MOST).lean<ChannelDoc[]>();
      return docs.map(fromDoc);
    },
    /** @returns false where the id is taken, so that a repeated request changes nothing. */
    async create(channel: Omit<StoredChannel, 'updatedAt'>, by: string): Promise<boolean> {
      const { id, createdAt: at, ...rest } = channel;
      const doc = { _id: id, ...rest, createdAt: at, updatedAt: at, position: `${at.toISOString()}:${id}` };
      return transact(connection, async (session) => {
        if ((await model.collection.findOne({ _id: id } as never, { session })) !== null)
          throw new Leave(false);
        await model.collection.insertOne(doc as never, { session });
        const { org, name, type } = channel;
        await tell(session, { org, id, by, at }, { what: 'created', name, type });
        return true;
      });
    },
    /** @returns false where there is no such channel. */
    async edit(org: string, id: string, edit: ChannelEdit, by: string, at: Date): Promise<boolean> {
      const { set, unset, fields } = edit;
      return transact(connection, async (session) => {
        const { matchedCount } = await model.collection.updateOne(
          { org, _id: id } as never,
          {
            $set: { ...set, updatedAt: at },
            ...(unset.length > 0 && { $unset: Object.fromEntries(unset.map((name) => [name, 1])) }),
          },
          { session },
        );
        if (matchedCount === 0) throw new Leave(false);
        await tell(session, { org, id, by, at }, { what: 'edited', fields });
        return true;
      });
    },
    /** Those that fell back to it have their usual fallback again. @returns false where there was none. */
    async remove(org: string, id: string, by: string, at: Date): Promise<boolean> {
      return transact(connection, async (session) => {
        const { deletedCount } = await model.collection.deleteOne({ org, _id: id } as never, { session });
        if (deletedCount === 0) throw new Leave(false);
        await model.collection.updateMany({ org, fallback: id }, { $unset: { fallback: 1 } }, { session });
        await tell(session, { org, id, by, at }, { what: 'deleted' });
        return true;
      });
    },
  };
}

function fromDoc({ _id, position: _, ...rest }: ChannelDoc): StoredChannel {
  return { id: _id, ...rest };
}
