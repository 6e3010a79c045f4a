import type { Connection, mongo } from 'mongoose';
import { MAX_OWN_PRICES, type OwnPrice } from '../domain/own-price.ts';
import type { NewAuditRow } from './audit-log.ts';
import { collectionModel } from './model.ts';
import { Leave, transact } from './transaction.ts';

interface PriceDoc extends Omit<OwnPrice, 'id' | 'until'> {
  _id: string;
  org: string;
  /** `FOREVER` where there is no end, so that one range finds all that hold. */
  until: Date;
  endedBy?: string;
  /** Time of creation and id: unique, and the order of lists. */
  position: string;
}

const FIELDS = {
  _id: String,
  org: String,
  model: String,
  inputUsdPerMillion: Number,
  outputUsdPerMillion: Number,
  cachedReadUsdPerMillion: Number,
  cachedWriteUsdPerMillion: Number,
  from: Date,
  until: Date,
  note: String,
  createdBy: String,
  createdAt: Date,
  endedBy: String,
  position: String,
};

const FOREVER = new Date('9999-12-31T00:00:00Z');

/**
 * Prices that organizations have set for models. A price is never changed: its validity ends, and another one
 * begins, so that what was paid with it can be looked up. Each change stands in the audit log.
 */
export function priceStore(connection: Connection, audit: { model: { collection: mongo.Collection } }) {
  const model = collectionModel<PriceDoc>(connection, 'prices', FIELDS, [
    [{ org: 1, until: 1 }],
    [{ org: 1, position: -1 }],
  ]);

  async function insertAudit(session: mongo.ClientSession, row: NewAuditRow): Promise<void> {
    const position = `${row.at.toISOString()}:${row._id}`;
    await audit.model.collection.insertOne({ ...row, position } as never, { session });
  }

  return {
    model,
    async add(org: string, price: OwnPrice): Promise<void> {
      const { id, until = FOREVER, ...rest } = price;
      const { createdAt: at, createdBy: by, ...details } = rest;
      const position = `${at.toISOString()}:${id}`;
      await transact(connection, async (session) => {
        await model.collection.insertOne({ _id: id, org, ...rest, until, position } as never, { session });
        const subject = { budget: '', subject: id };
        await insertAudit(session, { _id: `${id}:set`, org, ...subject, event: 'price', by, details, at });
      });
    },
    /** Ends a price, also one that has not begun. @returns false where there is none that has not ended. */
    async end(org: string, id: string, by: string, at: Date): Promise<boolean> {
      return transact(connection, async (session) => {
        const filter = { _id: id, org, until: { $gt: at } } as never;
        const doc = (await model.collection.findOne(filter, { session })) as unknown as PriceDoc | null;
        if (doc === null) throw new Leave(false);
        await model.collection.updateOne(filter, { $set: { until: at, endedBy: by } }, { session });
        const subject = { budget: '', subject: id };
        const details = { model: doc.model, until: at };
        await insertAudit(session, { _id: `${id}:ended`, org, ...subject, event: 'price', by, details, at });
        return true;
      });
    },
    /** All that hold at some time after the given one, in no order. */
    async endingAfter(org: string, after: Date): Promise<OwnPrice[]> {
      const docs = await model
        .find({ org, until: { $gt: after } })
        .limit(2 * MAX_OWN_PRICES)
        .lean<PriceDoc[]>();
      return docs.map(fromPriceDoc);
    },
    async countEndingAfter(org: string, after: Date): Promise<number> {
      return model.countDocuments({ org, until: { $gt: after } });
    },
    /** The newest prices whose model has the text in its name, at most `limit`; ended ones too if wanted. */
    async search(org: string, of: { text?: string; endingAfter?: Date }, limit: number): Promise<OwnPrice[]> {
      const filter = {
        org,
        ...(of.text !== undefined && { model: new RegExp(escapeRegExp(of.text), 'i') }),
        ...(of.endingAfter !== undefined && { until: { $gt: of.endingAfter } }),
      };
      const docs = await model.find(filter).sort({ position: -1 }).limit(limit).lean<PriceDoc[]>();
      return docs.map(fromPriceDoc);
    },
  };
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function fromPriceDoc(doc: PriceDoc): OwnPrice {
  const { _id, org: _org, until, position: _position, endedBy: _endedBy, ...rest } = doc;
  return { id: _id, ...rest, ...(until < FOREVER && { until }) };
}
