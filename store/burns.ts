import type { Connection } from 'mongoose';
import { collectionModel, upsertEach } from './model.ts';

/** What one minute has added to the spending of a budget period: for breakers that look at the speed. */
interface Burn {
  /** period:minute. */
  _id: string;
  period: string;
  at: Date;
  cost: number;
  batch: number;
}

/** Longer than any breaker looks back. */
const KEPT_SECONDS = 2 * 86_400;
const MINUTE_MS = 60_000;

/** Spending by the minute in which the fold has counted it, for two days. Moved by the fold alone. */
export function burnStore(connection: Connection) {
  const model = collectionModel<Burn>(
    connection,
    'burns',
    { _id: String, period: String, at: Date, cost: Number, batch: Number },
    [[{ period: 1, at: 1 }], [{ at: 1 }, { expireAfterSeconds: KEPT_SECONDS }]],
  );
  return {
    model,
    async add(batch: {
      number: number;
      minute: number;
      periods: { id: string; spent: number }[];
    }): Promise<void> {
      const { number, minute } = batch;
      const updates = batch.periods.map(({ id, spent }) => ({
        updateOne: {
          filter: { _id: `${id}:${minute}`, batch: { $lt: number } },
          update: {
            $inc: { cost: spent },
            $set: { batch: number },
            $setOnInsert: { period: id, at: new Date(minute * MINUTE_MS) },
          },
          upsert: true,
        },
      }));
      await upsertEach(model.collection, updates);
    },
    /** What was spent since a time, in nano-dollars. */
    async since(period: string, at: Date): Promise<number> {
      const rows = await model.find({ period, at: { $gt: at } }).lean<Burn[]>();
      return rows.reduce((sum, row) => sum + row.cost, 0);
    },
  };
}
