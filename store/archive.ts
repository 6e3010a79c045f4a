import { restoredBefore } from '../domain/retention.ts';
import type { Collections } from './collections.ts';
import type { Run } from './run-record.ts';

/** A page of runs that are looked at for the archive at a time. */
const PER_CALL = 100;

/**
 * Old runs: their items and generation log go into the archive, compressed; the run itself, its documents and
 * all entries of the ledger stay.
 */
export function createArchive({
  runs,
  runItems,
  generationLogs,
  runArchives,
  holds,
}: Pick<Collections, 'runs' | 'runItems' | 'generationLogs' | 'runArchives' | 'holds'>) {
  const details = [runItems.model, generationLogs.model] as never[];

  async function archive({ org, _id: id }: Run, at: Date): Promise<boolean> {
    if ((await holds.unsettledOf(org, id)).length > 0) return false;
    if (!(await runs.claimForArchive(org, id, at))) return false;
    for (const model of details) await runArchives.move(model, org, id, at);
    return true;
  }

  return {
    /**
     * Archives runs that ended before a time, the oldest first; one that keeps money still has to wait.
     * @param org only of this organization; without it, what was restored of late stays
     * @returns how many, and whether there may be more
     */
    async archiveRuns(before: Date, at: Date, org?: string): Promise<{ archived: number; more: boolean }> {
      const found = await runs.archivable(before, PER_CALL, org ?? restoredBefore(at));
      let archived = 0;
      for (const run of found) if (await archive(run, at)) archived += 1;
      return { archived, more: archived > 0 && found.length === PER_CALL };
    },
    /** Brings the details of an archived run back. Repeatable. */
    async restoreRun(org: string, id: string, at = new Date()): Promise<void> {
      for (const model of details) await runArchives.restore(model, org, id);
      await runs.unarchive(org, id, at);
    },
  };
}
