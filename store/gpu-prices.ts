import { randomBytes } from 'node:crypto';
import type { Connection, mongo } from 'mongoose';
import { type GpuPrice, MAX_GPU_PRICES } from '../domain/jobs/gpu-prices.ts';
import type { NewAuditRow } from './audit-log.ts';
import { collectionModel } from './model.ts';
import { Leave, transact } from './transaction.ts';

/** What an organization pays for an hour of a GPU; one for each provider, type and day. */
export interface OwnGpuPrice extends GpuPrice {
  _id: string;
  org: string;
  createdBy: string;
  createdAt: Date;
}

const FIELDS = {
  _id: String,
  org: String,
  provider: String,
  gpuType: String,
  from: String,
  nanoUsdPerHour: Number,
  createdBy: String,
  createdAt: Date,
};

/** Prices of GPUs that organizations have set. Each change stands in the audit log. */
export function gpuPriceStore(
  connection: Connection,
  audit: { addIn(session: mongo.ClientSession, row: NewAuditRow): Promise<void> },
) {
  const model = collectionModel<OwnGpuPrice>(connection, 'gpu_prices', FIELDS, [
    [{ org: 1, provider: 1, gpuType: 1, from: -1 }],
  ]);
  return {
    model,
    /** By provider and type, of one type the newest first. */
    async list(org: string): Promise<OwnGpuPrice[]> {
      const order = { provider: 1, gpuType: 1, from: -1 } as const;
      return model.find({ org }).sort(order).limit(MAX_GPU_PRICES).lean<OwnGpuPrice[]>();
    },
    /**
     * In place of what was set for the same provider, type and day.
     * @returns false where there would be too many.
     */
    async set(org: string, prices: (GpuPrice & { id: string })[], by: string, at: Date): Promise<boolean> {
      return transact(connection, async (session) => {
        const updates = prices.map(({ id: _id, ...price }) => {
          const doc = { org, ...price, createdBy: by, createdAt: at };
          return { replaceOne: { filter: { _id, org }, replacement: doc, upsert: true } };
        });
        await model.collection.bulkWrite(updates as never, { session });
        if ((await model.collection.countDocuments({ org }, { session })) > MAX_GPU_PRICES)
          throw new Leave(false);
        const _id = `gpu_prices:${org}:${at.getTime()}:${randomBytes(4).toString('hex')}`;
        const subject = { budget: '', subject: 'gpu_prices', event: 'gpu_price' as const };
        await audit.addIn(session, { _id, org, ...subject, by, details: { prices }, at });
        return true;
      });
    },
    /** @returns false where there was none. */
    async remove(org: string, id: string, by: string, at: Date): Promise<boolean> {
      return transact(connection, async (session) => {
        const doc = await model.collection.findOneAndDelete({ _id: id, org } as never, { session });
        if (doc === null) return false;
        const { provider, gpuType, from } = doc as unknown as OwnGpuPrice;
        const subject = { budget: '', subject: id, event: 'gpu_price' as const };
        const details = { removed: { provider, gpuType, from } };
        await audit.addIn(session, {
          _id: `${id}:removed:${at.getTime()}`,
          org,
          ...subject,
          by,
          details,
          at,
        });
        return true;
      });
    },
  };
}
