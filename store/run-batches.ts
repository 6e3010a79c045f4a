import type { Model } from 'mongoose';
import { ENDED_STATES, type RunState } from '../domain/run.ts';
import { type Page, type PageRequest, pageOf } from './page.ts';
import type { Run } from './run-record.ts';

/** How many runs of a batch are in a state, and what they come to. */
export interface BatchGroup {
  state: RunState;
  /** Not started yet. */
  parked: boolean;
  runs: number;
  items: number;
  processed: number;
  failed: number;
  costNanoUsd: number;
}

type ParkedMoney = Pick<Run, 'kind' | 'scope' | 'options' | 'estimate' | 'capNanoUsd'>;

const MONEY_FIELDS = { kind: 1, scope: 1, options: 1, 'estimate.costNanoUsd': 1, capNanoUsd: 1 };
const ENDED = [...ENDED_STATES];
const FROM_THE_FIRST = { batchSeq: 1 } as const;

/** The runs of batches, in their order. */
export function createRunBatches(model: Model<Run>) {
  return {
    async ofBatch(org: string, batch: string, request: PageRequest): Promise<Page<Run>> {
      return pageOf<Run>(model, { org, batch }, { field: 'batchSeq', order: 1 }, request);
    },
    /** Which runs a batch has, and what was asked for each. */
    async namesOfBatch(
      org: string,
      batch: string,
    ): Promise<Pick<Run, '_id' | 'externalId' | 'requestHash'>[]> {
      return model
        .find({ org, batch }, { externalId: 1, requestHash: 1 })
        .lean<Pick<Run, '_id' | 'externalId' | 'requestHash'>[]>();
    },
    async countBatch(org: string, batch: string): Promise<BatchGroup[]> {
      const processed = { $add: ['$counters.done', '$counters.reused'] };
      const groups = await model.aggregate<{ _id: { state: RunState; parked: boolean } } & BatchGroup>([
        { $match: { org, batch } },
        {
          $group: {
            _id: { state: '$state', parked: { $eq: ['$parked', true] } },
            runs: { $sum: 1 },
            items: { $sum: '$counters.total' },
            processed: { $sum: processed },
            failed: { $sum: '$counters.failed' },
            costNanoUsd: { $sum: '$counters.costNanoUsd' },
          },
        },
      ]);
      return groups.map(({ _id, ...sums }) => ({ ...sums, ..._id }));
    },
    /** Those that wait for their turn, the first first. */
    async parkedOfBatch(org: string, batch: string, limit: number): Promise<Run[]> {
      return model
        .find({ org, batch, state: 'queued', parked: true })
        .sort(FROM_THE_FIRST)
        .limit(limit)
        .lean<Run[]>();
    },
    /** What the money of those is reckoned from. */
    async moneyOfParked(org: string, batch: string): Promise<ParkedMoney[]> {
      return model.find({ org, batch, state: 'queued', parked: true }, MONEY_FIELDS).lean<ParkedMoney[]>();
    },
    /** Those of them that nobody has estimated yet. */
    async unestimatedOfBatch(org: string, batch: string, limit: number): Promise<Run[]> {
      return model
        .find({ org, batch, state: 'queued', parked: true, estimate: null as never })
        .sort(FROM_THE_FIRST)
        .limit(limit)
        .lean<Run[]>();
    },
    /** Those that were started and have not ended. */
    async openOfBatch(org: string, batch: string): Promise<Run[]> {
      return model
        .find({ org, batch, state: { $nin: ENDED }, parked: { $ne: true } })
        .sort(FROM_THE_FIRST)
        .lean<Run[]>();
    },
    /** What is known of the cost of each run of a batch that has been estimated. */
    async estimatesOfBatch(
      org: string,
      batch: string,
    ): Promise<Pick<Run, '_id' | 'externalId' | 'estimate'>[]> {
      const fields = ['hash', 'items', 'calls', 'inputTokens', 'costNanoUsd'];
      const shown = Object.fromEntries(fields.map((field) => [`estimate.${field}`, 1]));
      return model
        .find({ org, batch }, { externalId: 1, ...shown })
        .sort(FROM_THE_FIRST)
        .lean<Pick<Run, '_id' | 'externalId' | 'estimate'>[]>();
    },
    /** Ends those that were never started. Resolves to how many that were. */
    async cancelParked(org: string, batch: string, at: Date): Promise<number> {
      const version = { $add: ['$version', 1] };
      const entry = [{ version, state: 'cancelled', at }];
      const result = await model.updateMany(
        { org, batch, state: 'queued', parked: true },
        [
          {
            $set: {
              state: 'cancelled',
              endedAt: at,
              parked: '$$REMOVE',
              version,
              history: { $concatArrays: ['$history', entry] },
            },
          },
        ],
        { updatePipeline: true },
      );
      return result.modifiedCount;
    },
  };
}
