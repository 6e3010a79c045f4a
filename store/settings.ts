import { randomBytes } from 'node:crypto';
import type { Connection, mongo } from 'mongoose';
import type { GateLimits } from '../domain/gate.ts';
import type { KindName } from '../domain/run.ts';
import { DEFAULT_TIME_ZONE, limitsOf, type Settings } from '../domain/settings.ts';
import { collectionModel, Mixed } from './model.ts';
import { transact } from './transaction.ts';

/** `_id` = org. */
interface SettingsDoc {
  _id: string;
  org: string;
  settings: Settings;
  updatedBy: string;
  updatedAt: Date;
}

const FIELDS = { _id: String, org: String, settings: Mixed, updatedBy: String, updatedAt: Date };

/** What organizations have set. One document each, and each change stands in the audit log. */
export function settingsStore(connection: Connection, audit: { model: { collection: mongo.Collection } }) {
  const model = collectionModel<SettingsDoc>(connection, 'settings', FIELDS, [
    [{ org: 1 }, { unique: true }],
  ]);

  async function find(org: string): Promise<Settings> {
    const doc = await model.findOne({ _id: org, org }).lean<SettingsDoc>();
    return doc?.settings ?? {};
  }

  return {
    model,
    find,
    /** What counts for runs of a kind. */
    async settingsOf(org: string, kind: KindName): Promise<GateLimits & { timeZone: string }> {
      const settings = await find(org);
      return { ...limitsOf(settings, kind), timeZone: settings.timeZone ?? DEFAULT_TIME_ZONE };
    },
    /** In it the organization's days are cut. */
    async timeZoneOf(org: string): Promise<string> {
      return (await find(org)).timeZone ?? DEFAULT_TIME_ZONE;
    },
    /**
     * Changes settings; of two changes at once neither gets lost. `change` may run more than once.
     * @throws what `change` throws, and nothing is stored then.
     */
    async change(
      org: string,
      by: string,
      at: Date,
      change: (before: Settings) => Settings,
    ): Promise<Settings> {
      return transact(connection, async (session) => {
        const doc = await model.collection.findOne({ _id: org } as never, { session });
        const before = (doc as unknown as SettingsDoc | null)?.settings ?? {};
        const settings = change(before);
        const set = { settings, updatedBy: by, updatedAt: at };
        await model.collection.updateOne(
          { _id: org } as never,
          { $set: set, $setOnInsert: { org } },
          { session, upsert: true },
        );
        const _id = `settings:${org}:${at.getTime()}:${randomBytes(4).toString('hex')}`;
        const row = { _id, org, budget: '', event: 'settings', by, details: { before, after: settings }, at };
        const position = `${at.toISOString()}:${_id}`;
        await audit.model.collection.insertOne({ ...row, position } as never, { session });
        return settings;
      });
    },
  };
}
