import type { Connection, mongo } from 'mongoose';
import type { LimitedKey, RateLimits } from '../domain/limiter.ts';
import type { AuditLog } from './audit-log.ts';
import { transact } from './transaction.ts';

interface Parts {
  connection: Connection;
  audit: AuditLog;
  limits: mongo.Collection;
  ensure(key: LimitedKey): Promise<unknown>;
  idOf(key: LimitedKey): string;
}

/**
 * What an admin sets; null takes it back, so that the provider's word counts again. It stands in the audit
 * log, in the same transaction.
 */
export function createSetLimits({ connection, audit, limits, ensure, idOf }: Parts) {
  return async function setLimits(
    key: LimitedKey,
    given: { [Name in keyof RateLimits]: number | null },
    by: string,
    at: Date,
  ): Promise<void> {
    await ensure(key);
    const set = Object.entries(given).filter(([, value]) => value !== null);
    const unset = Object.entries(given).filter(([, value]) => value === null);
    const change = {
      $set: { limitsFrom: set.length > 0 ? 'admin' : 'provider', ...Object.fromEntries(set) },
      ...(unset.length > 0 && { $unset: Object.fromEntries(unset.map(([name]) => [name, 1])) }),
    };
    const { org, model: subject } = key;
    const _id = `provider_limit:${idOf(key)}:${at.getTime()}`;
    await transact(connection, async (session) => {
      await limits.updateOne({ _id: idOf(key) } as never, change as never, { session });
      await audit.addIn(session, {
        ...{ _id, org, budget: '', subject, event: 'provider_limit', by, details: { ...given }, at },
      });
    });
  };
}
