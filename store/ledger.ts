import type { Connection } from 'mongoose';
import { createAllocation } from './allocation.ts';
import type { Collections } from './collections.ts';
import { createCostSums } from './cost-sums.ts';
import { createDays } from './days.ts';
import { createEntryPages } from './entry-pages.ts';
import { createFigures } from './figures.ts';
import { createFold } from './fold.ts';
import { createFoldLag } from './fold-lag.ts';
import { createAcquire } from './hold-acquire.ts';
import { createCharge } from './hold-charge.ts';
import { createPools } from './hold-pools.ts';
import { createSettle } from './hold-settle.ts';
import { createJobArchive } from './job-archive.ts';
import { createJobChanges } from './job-changes.ts';
import { createJobWriter } from './job-writer.ts';
import { createLedgerCheck } from './ledger-check.ts';
import { createOutsideCosts } from './outside-costs.ts';
import { createPeriodUpkeep } from './period-upkeep.ts';
import { createPresentPeriod } from './present-period.ts';
import { createReportFacts } from './report-facts.ts';
import { createSpendFacts } from './spend-facts.ts';
import { createSpendWatch } from './spend-watch.ts';

/** What moves money: over several collections at once, each step safe to repeat. */
export function createLedger(connection: Connection, collections: Collections) {
  const spendWatch = createSpendWatch(connection, collections);
  const { acquire, extend } = createAcquire(connection, {
    ...collections,
    startGrace: spendWatch.startGrace,
  });
  const { timeZoneOf } = collections.settings;
  const dayOf = createDays(timeZoneOf);
  const { settle, release } = createSettle(connection, collections);
  const fold = createFold(connection, collections, async (periods) => {
    await spendWatch.look(
      periods.map(({ id }) => id),
      new Date(),
    );
  });
  const presentPeriod = createPresentPeriod(collections);
  const jobChanges = createJobChanges({ ...collections, timeZoneOf });
  const jobArchive = createJobArchive(connection, { ...collections, timeZoneOf });
  const foldIsStuck = createFoldLag({ ...collections, ...fold });
  return {
    presentPeriod,
    foldIsStuck,
    spendFacts: createSpendFacts({ ...collections, presentPeriod, foldIsStuck }),
    acquire,
    extend,
    ...createPools(connection, collections),
    settle,
    release,
    charge: createCharge(connection, { ...collections, dayOf }),
    spendWatch,
    dayOf,
    fold: fold.fold,
    foldOnce: fold.foldOnce,
    outsideCosts: createOutsideCosts({ ...collections, timeZoneOf }),
    ...jobArchive,
    writeJobs: createJobWriter(connection, { ...collections, ...jobArchive, jobChanges }),
    ...createAllocation(connection, { ...collections, ...jobArchive, jobChanges }),
    upkeep: createPeriodUpkeep(connection, collections),
    figures: createFigures(collections),
    sumCosts: createCostSums(collections),
    reportFacts: createReportFacts(collections),
    listEntries: createEntryPages(collections),
    checkLedger: createLedgerCheck(connection, { ...collections, ...fold }),
  };
}
