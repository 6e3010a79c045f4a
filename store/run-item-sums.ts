import type { Model } from 'mongoose';
import { type Counters, NO_PROGRESS } from '../domain/progress.ts';
import type { ItemState } from '../domain/run.ts';
import type { RunItem } from './run-items.ts';

/** What the items of a run add up to. */
export function createRunItemSums(model: Model<RunItem>) {
  return {
    /** Counts a run anew from its items. */
    async count(org: string, run: string): Promise<Counters> {
      const rows = await model.aggregate<Counters & { _id: ItemState; count: number }>([
        { $match: { org, run } },
        {
          $group: {
            _id: '$state',
            count: { $sum: 1 },
            inputTokens: { $sum: '$inputTokens' },
            outputTokens: { $sum: '$outputTokens' },
            calls: { $sum: '$calls' },
            costNanoUsd: { $sum: '$costNanoUsd' },
            durationMs: { $sum: '$durationMs' },
          },
        },
      ]);
      const counters = { ...NO_PROGRESS };
      for (const row of rows) {
        counters.total += row.count;
        if (row._id === 'done' || row._id === 'failed' || row._id === 'reused')
          counters[row._id] += row.count;
        counters.inputTokens += row.inputTokens;
        counters.outputTokens += row.outputTokens;
        counters.calls += row.calls;
        counters.costNanoUsd += row.costNanoUsd;
        counters.durationMs += row.durationMs;
      }
      return counters;
    },
    /** Failures of a run grouped by fingerprint, the most frequent first. At most 100 groups. */
    async failureGroups(org: string, run: string): Promise<FailureGroup[]> {
      return model.aggregate<FailureGroup>([
        { $match: { org, run, state: 'failed' } },
        { $sort: { seq: 1 } },
        {
          $group: {
            _id: '$failure.fingerprint',
            code: { $first: '$failure.code' },
            message: { $first: '$failure.message' },
            count: { $sum: 1 },
            first: { $first: '$name' },
          },
        },
        { $sort: { count: -1, _id: 1 } },
        { $limit: 100 },
        { $project: { _id: 0, fingerprint: '$_id', code: 1, message: 1, count: 1, example: '$first' } },
      ]);
    },
  };
}

export interface FailureGroup {
  fingerprint: string;
  code: string;
  message: string;
  count: number;
  /** Name of one object that failed so. */
  example: string;
}
