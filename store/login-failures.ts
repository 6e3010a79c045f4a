import type { Connection } from 'mongoose';
import { collectionModel, insertEach } from './model.ts';

/** How often somebody has failed to sign in. */
interface LoginFailures {
  /** A hash of the e-mail address or of the network address. */
  _id: string;
  count: number;
  /** Then it counts from the beginning. */
  until: Date;
}

const ATTEMPTS = 10;

/** Counts attempts to sign in, over all processes of the API. Names no organization: nobody is in one yet. */
export function loginFailureStore(connection: Connection) {
  const model = collectionModel<LoginFailures>(
    connection,
    'login_failures',
    { _id: String, count: Number, until: Date },
    [[{ until: 1 }, { expireAfterSeconds: 0 }]],
  );

  /** @returns null where nothing is counted yet. */
  async function countMore(id: string, at: Date, until: Date): Promise<LoginFailures | null> {
    const isOver = { $lte: ['$until', at] };
    const found = await model.collection.findOneAndUpdate(
      { _id: id } as never,
      [
        {
          $set: {
            count: { $cond: [isOver, 1, { $add: ['$count', 1] }] },
            until: { $cond: [isOver, until, '$until'] },
          },
        },
      ],
      { returnDocument: 'after' },
    );
    return found as unknown as LoginFailures | null;
  }

  return {
    model,
    /** Counts one more before it is known how it ends, so that many at once are no way around. */
    async take(id: string, at: Date, windowMs: number): Promise<{ count: number; until: Date }> {
      const until = new Date(at.getTime() + windowMs);
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const counted = await countMore(id, at, until);
        if (counted !== null) return counted;
        // Not as an upsert: of two that race for it, one may be told nothing.
        const [isFirst] = await insertEach(model, [{ _id: id, count: 1, until }]);
        if (isFirst === true) return { count: 1, until };
      }
      throw new Error('an attempt to sign in could not be counted');
    },
    /** It ended well. */
    async giveBack(id: string): Promise<void> {
      await model.updateOne({ _id: id, count: { $gt: 0 } }, { $inc: { count: -1 } });
    },
    async forget(id: string): Promise<void> {
      await model.deleteOne({ _id: id });
    },
  };
}
