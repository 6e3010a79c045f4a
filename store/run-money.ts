import type { Model } from 'mongoose';
import { ENDED_STATES, type WaitReason } from '../domain/run.ts';
import type { Run } from './run-record.ts';

const ENDED = [...ENDED_STATES];

/** What runs keep of their money, beside their holds: who waits for it, and what people have decided. */
export function createRunMoney(model: Model<Run>) {
  return {
    /** Runs that wait for money, the most urgent and then the longest waiting first. */
    async waitingForMoney(org: string, butNot: string | undefined, limit: number): Promise<Run[]> {
      const waitReason = { $in: ['budget', 'circuit_open'] as WaitReason[] };
      const filter = { org, state: 'waiting' as const, waitReason, ...(butNot && { _id: { $ne: butNot } }) };
      return model.find(filter).sort({ 'options.priority': -1, waitingSince: 1 }).limit(limit).lean<Run[]>();
    },
    async approve(org: string, id: string, approval: NonNullable<Run['approval']>): Promise<void> {
      const { capNanoUsd } = approval;
      const set = { approval, ...(capNanoUsd !== undefined && { capNanoUsd }) };
      await model.updateOne({ org, _id: id }, { $set: set, $inc: { version: 1 } });
    },
    /** Lets an open run pass all budgets, or sets its own limit anew. */
    async setMoney(
      org: string,
      id: string,
      money: Partial<Pick<Run, 'bypass' | 'capNanoUsd'>>,
    ): Promise<boolean> {
      const result = await model.updateOne(
        { org, _id: id, state: { $nin: ENDED } },
        { $set: money, $inc: { version: 1 } },
      );
      return result.modifiedCount === 1;
    },
  };
}
