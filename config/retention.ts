import { given } from '../domain/given.ts';
import type { RetentionDays } from '../domain/retention.ts';
import type { Environment } from './environment.ts';

/** For how many days details of runs are kept at hand, and jobs, alerts and rows of the audit log. */
export function retentionOf(environment: Environment): { retentionDays: number; retention: RetentionDays } {
  const retention = given({
    jobs: environment.BURSAR_RETENTION_JOBS_DAYS,
    alerts: environment.BURSAR_RETENTION_ALERTS_DAYS,
    audit_log: environment.BURSAR_RETENTION_AUDIT_LOG_DAYS,
  });
  return { retentionDays: environment.BURSAR_RETENTION_DAYS, retention };
}
