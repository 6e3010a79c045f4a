import type { Connection, Model } from 'mongoose';
import { ENDED_STATES, type WaitReason } from '../domain/run.ts';
import type { AuditLog, NewAuditRow } from './audit-log.ts';
import type { Run } from './run-record.ts';
import { transact } from './transaction.ts';

const ENDED = [...ENDED_STATES];

/** What somebody decides about the money of a run. */
export type Decided =
  | { event: 'bypassed'; by: string; at: Date; reason: string }
  | { event: 'run_limit'; by: string; at: Date; capNanoUsd: number };

/**
 * What runs keep of their money, beside their holds: who waits for it, and what people have decided, which
 * stands in the audit log in the same transaction.
 */
export function createRunMoney(connection: Connection, model: Model<Run>, audit: AuditLog) {
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
      const { hash, by, at } = approval;
      const details = { estimate: hash, ...(capNanoUsd !== undefined && { capNanoUsd }) };
      const row: NewAuditRow = {
        ...{
          _id: `approved:${id}:${hash}`,
          org,
          budget: '',
          subject: id,
          event: 'run_approved',
          by,
          details,
          at,
        },
      };
      await transact(connection, async (session) => {
        await model.collection.updateOne(
          { org, _id: id } as never,
          { $set: set, $inc: { version: 1 } },
          { session },
        );
        const { _id } = row;
        const told = await audit.model.collection.findOne({ _id } as never, { session });
        if (told === null) await audit.addIn(session, row);
      });
    },
    /** Lets an open run pass all budgets, or sets its own limit anew. */
    async setMoney(org: string, id: string, decided: Decided): Promise<boolean> {
      const { event, by, at } = decided;
      const told =
        event === 'bypassed' ? { reason: decided.reason } : { details: { capNanoUsd: decided.capNanoUsd } };
      const money =
        event === 'bypassed'
          ? { bypass: { reason: decided.reason, by, at } }
          : { capNanoUsd: decided.capNanoUsd };
      const _id = `${event}:${id}:${at.getTime()}`;
      return transact(connection, async (session) => {
        const { modifiedCount } = await model.collection.updateOne(
          { org, _id: id, state: { $nin: ENDED } } as never,
          { $set: money, $inc: { version: 1 } },
          { session },
        );
        if (modifiedCount === 1)
          await audit.addIn(session, { _id, org, budget: '', subject: id, event, by, at, ...told });
        return modifiedCount === 1;
      });
    },
  };
}
