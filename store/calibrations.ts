import type { Connection, mongo } from 'mongoose';
import { type Calibration, MAX_RATIOS, MAX_RUNS } from '../domain/calibration.ts';
import type { Lesson } from '../domain/lessons.ts';
import { collectionModel, Mixed } from './model.ts';

/** `_id` = [org, kind, model, step] as JSON. */
interface CalibrationDoc extends Calibration {
  _id: string;
  org: string;
  kind: string;
  /** `provider/model` without the options of a rehearsal. */
  model: string;
  updatedAt: Date;
}

const FIELDS = {
  _id: String,
  org: String,
  kind: String,
  model: String,
  step: String,
  count: Number,
  ratios: [Number] as [typeof Number],
  runs: [Mixed] as [typeof Mixed],
  updatedAt: Date,
};

interface CalibrationKey {
  org: string;
  kind: string;
  model: string;
}

/** What runs have taught about the outputs of each step: the last samples and the last runs. */
export function calibrationStore(connection: Connection) {
  const model = collectionModel<CalibrationDoc>(connection, 'calibrations', FIELDS, [
    [{ org: 1, kind: 1, model: 1, step: 1 }, { unique: true }],
  ]);
  return {
    model,
    /** By step. */
    async of(org: string, kind: string, modelName: string): Promise<Map<string, Calibration>> {
      const docs = await model.find({ org, kind, model: modelName }).lean<CalibrationDoc[]>();
      return new Map(docs.map(({ step, count, ratios, runs }) => [step, { step, count, ratios, runs }]));
    },
    /** All of an organization. */
    async list(org: string): Promise<CalibrationDoc[]> {
      return model.find({ org }).sort({ kind: 1, model: 1, step: 1 }).lean<CalibrationDoc[]>();
    },
    /** Adds what a run has taught, in the caller's transaction, which sees to it that it happens once. */
    async add(session: mongo.ClientSession, key: CalibrationKey, lessons: Lesson[], at: Date): Promise<void> {
      for (const { step, ratios, ...run } of lessons)
        await model.collection.updateOne(
          { _id: JSON.stringify([key.org, key.kind, key.model, step]) } as never,
          {
            $setOnInsert: { ...key, step },
            $set: { updatedAt: at },
            $inc: { count: run.samples },
            $push: {
              ratios: { $each: ratios, $slice: -MAX_RATIOS },
              runs: { $each: [run], $slice: -MAX_RUNS },
            },
          } as never,
          { session, upsert: true },
        );
    },
  };
}
