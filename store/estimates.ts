import type { Connection, mongo } from 'mongoose';
import type { Lesson } from '../domain/lessons.ts';
import type { KindName } from '../domain/run.ts';
import type { Variance } from '../domain/variance.ts';
import { collectionModel, Mixed } from './model.ts';
import { Leave, transact } from './transaction.ts';

/** How the estimate of one round of a run did. `_id` = run:round. */
interface VarianceDoc extends Variance {
  _id: string;
  org: string;
  run: string;
  round: number;
}

const FIELDS = {
  _id: String,
  org: String,
  run: String,
  round: Number,
  kind: String,
  model: String,
  basis: String,
  estimateNanoUsd: Mixed,
  actualNanoUsd: Number,
  errorPercent: Number,
  inBand: Boolean,
  at: Date,
};

/** The newest that a report looks at. */
const MAX_REPORTED = 10_000;

interface Learner {
  add(
    session: mongo.ClientSession,
    key: { org: string; kind: string; model: string },
    lessons: Lesson[],
    at: Date,
  ): Promise<void>;
}

/** The variance records of ended runs. Writing one and learning from its run is one transaction. */
export function estimateStore(connection: Connection, calibrations: Learner) {
  const model = collectionModel<VarianceDoc>(connection, 'estimates', FIELDS, [
    [{ org: 1, at: -1 }],
    [{ org: 1, kind: 1, at: -1 }],
  ]);

  async function read(filter: object): Promise<Variance[]> {
    const docs = await model.find(filter).sort({ at: -1 }).limit(MAX_REPORTED).lean<VarianceDoc[]>();
    return docs.map(({ _id, org: _org, run: _run, round: _round, ...variance }) => variance);
  }

  return {
    model,
    /**
     * Stores how a round went, and adds what it has taught to the calibrations.
     * @returns false where that was done before: then nothing changes.
     */
    async learn(
      of: { org: string; run: string; round: number },
      variance: Variance,
      lessons: Lesson[],
    ): Promise<boolean> {
      const id = `${of.run}:${of.round}`;
      const { kind, model: modelName, at } = variance;
      return transact(connection, async (session) => {
        const before = await model.collection.findOne({ _id: id } as never, { session });
        if (before !== null) throw new Leave(false);
        await model.collection.insertOne({ _id: id, ...of, ...variance } as never, { session });
        await calibrations.add(session, { org: of.org, kind, model: modelName }, lessons, at);
        return true;
      });
    },
    /** Whether a round has taught already. */
    async hasLearned(org: string, run: string, round: number): Promise<boolean> {
      return (await model.findOne({ _id: `${run}:${round}`, org }, { _id: 1 }).lean()) !== null;
    },
    /** Since a time, the newest first, at most 10,000. */
    async since(org: string, kind: KindName | undefined, since: Date): Promise<Variance[]> {
      return read({ org, ...(kind !== undefined && { kind }), at: { $gte: since } });
    },
    /** From a time to just before another, the newest first, at most 10,000. */
    async between(org: string, start: Date, end: Date): Promise<Variance[]> {
      return read({ org, at: { $gte: start, $lt: end } });
    },
  };
}
