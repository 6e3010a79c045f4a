import { createHash } from 'node:crypto';
import type { Connection } from 'mongoose';
import { collectionModel, upsertEach } from './model.ts';

/** Whoever jobs are done for; made by name when the first job of theirs comes in. */
export interface Team {
  /** Of organization and name, so that the same name is the same team. */
  _id: string;
  org: string;
  name: string;
  description?: string;
  budgetUsd?: number;
}

const FIELDS = { _id: String, org: String, name: String, description: String, budgetUsd: Number };

/** Teams by their ids. */
export function teamStore(connection: Connection) {
  const model = collectionModel<Team>(connection, 'teams', FIELDS, [[{ org: 1, name: 1 }]]);
  return {
    model,
    idOf: teamIdOf,
    /** Makes those that are missing; what is known of the others stays, but for what is given now. */
    async ensure(org: string, teams: Omit<Team, 'org'>[]): Promise<{ created: number; existing: number }> {
      const ids = teams.map(({ _id }) => _id);
      const existing = await model.countDocuments({ _id: { $in: ids }, org });
      const updates = teams.map(({ _id, ...fields }) => ({
        updateOne: { filter: { _id, org }, update: { $set: fields }, upsert: true },
      }));
      if (updates.length > 0) await upsertEach(model.collection, updates);
      return { created: teams.length - existing, existing };
    },
    async find(org: string, id: string): Promise<Team | undefined> {
      return (await model.findOne({ _id: id, org }).lean<Team>()) ?? undefined;
    },
  };
}

/** The same name is the same team. */
function teamIdOf(org: string, name: string): string {
  return `team_${createHash('sha256').update(`${org}|${name}`).digest('hex').slice(0, 16)}`;
}
