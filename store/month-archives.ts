import type { Connection } from 'mongoose';
import { monthOf, type Retained, restoredBefore } from '../domain/retention.ts';
import { archiveId, type Source } from './archives.ts';
import type { AuditRow } from './audit-log.ts';
import type { Collections } from './collections.ts';
import { transact } from './transaction.ts';

type Parts = Pick<Collections, 'archives' | 'alerts' | 'deliveries' | 'auditLog' | 'budgetPeriods'>;
type Kept = Exclude<Retained, 'jobs'>;
/** Rows of a collection that go into the archive of a month together, first things first. */
type Moves = { source: Source; ids: string[] }[];

const AT_ONCE = 500;
/** Those of months that were restored a short time ago stand before the others. */
const ALERTS_AT_ONCE = 2_000;

/** Alerts with their deliveries, and rows of the audit log, in archives of months. */
export function createMonthArchives(connection: Connection, parts: Parts) {
  const { archives, alerts, deliveries, auditLog, budgetPeriods } = parts;
  const sourceOf = ({ model }: { model: unknown }): Source => ({ model: model as never, org: 'org' });
  const sources: Record<Kept, Source[]> = {
    alerts: [sourceOf(alerts), sourceOf(deliveries)],
    audit_log: [sourceOf(auditLog)],
  };

  /** @returns how many rows; fewer where the month was restored a short time ago */
  async function moveInto(org: string, of: Kept, key: string, moves: Moves, at: Date): Promise<number> {
    const archive = { _id: archiveId(org, of, key), org, of, key };
    const { restoredAt } = (await archives.find(org, archive._id)) ?? {};
    if (restoredAt !== undefined && restoredAt >= restoredBefore(at)) return 0;
    if (!(await transact(connection, (session) => archives.beginIn(session, archive, at)))) return 0;
    let moved = 0;
    for (const { source, ids } of moves) moved += await archives.move(archive, source, ids);
    await archives.finish(archive);
    return moved;
  }

  async function moveAlerts(org: string, key: string, ids: string[], at: Date): Promise<number> {
    const isThere = async (of: string[]) => (await alerts.findMany(org, of)).map(({ id }) => id);
    const [alertSource, deliverySource] = sources.alerts as [Source, Source];
    const told = await deliveries.overWith(org, ids, isThere);
    const moves = [
      { source: deliverySource, ids: told },
      { source: alertSource, ids },
    ];
    return moveInto(org, 'alerts', key, moves, at);
  }

  /** A period's rows are told once, by their ids: they stay until long after its end. */
  async function areOver(rows: AuditRow[], before: Date): Promise<AuditRow[]> {
    const subjects = rows.flatMap(({ subject }) => subject ?? []);
    const periods = await budgetPeriods.findMany([...new Set(subjects)]);
    const open = new Set(periods.filter(({ end }) => end >= before).map(({ _id }) => _id));
    return rows.filter(({ subject }) => subject === undefined || !open.has(subject));
  }

  return {
    /** Archives alerts that were over before a time, with their deliveries. @returns how many rows */
    async archiveAlerts(org: string, before: Date, at: Date, most: number): Promise<number> {
      let moved = 0;
      for (let more = true; more && moved < most; ) {
        const found = await alerts.archivable(org, before, ALERTS_AT_ONCE);
        const sum = moved;
        for (const [month, ids] of byMonth(found.map(({ id, raisedAt }) => ({ id, at: raisedAt }))))
          moved += await moveAlerts(org, month, ids, at);
        more = moved > sum;
      }
      return moved;
    },
    /** Archives audit rows from before a time whose periods have ended before. @returns how many */
    async archiveAudit(org: string, before: Date, at: Date, most: number): Promise<number> {
      const [source] = sources.audit_log as [Source];
      let moved = 0;
      for (let after = ''; moved < most; ) {
        const rows = await auditLog.before(org, before, after, AT_ONCE);
        after = rows.at(-1)?.position ?? '';
        if (after === '') return moved;
        const over = (await areOver(rows, before)).map(({ _id, at: of }) => ({ id: _id, at: of }));
        for (const [month, ids] of byMonth(over))
          moved += await moveInto(org, 'audit_log', month, [{ source, ids }], at);
      }
      return moved;
    },
    /** @param at missing: it may be archived again at once */
    async restoreMonth(org: string, of: Kept, key: string, at: Date): Promise<void> {
      const archive = { _id: archiveId(org, of, key), org };
      if (!(await archives.restore(archive, sources[of]))) return;
      await transact(connection, (session) => archives.restoredIn(session, archive, at));
    },
  };
}

function byMonth(rows: { id: string; at: Date }[]): Map<string, string[]> {
  const months = new Map<string, string[]>();
  for (const { id, at } of rows) {
    const ids = months.get(monthOf(at)) ?? [];
    ids.push(id);
    months.set(monthOf(at), ids);
  }
  return months;
}
