import { createDaySummer } from '../../domain/analytics/day-sums.ts';
import type { Store } from '../../store/index.ts';
import { ORG } from './database.ts';

const DAY = '2026-01-05';
const id = { org: ORG, day: DAY, version: '000000000001-a' };

const ARCHIVE = { _id: `${ORG}|jobs:${DAY}`, org: ORG, state: 'archiving' as const };
const SNAPSHOT = { id: 's1', date: DAY, provider: 'aws', gpuType: 'a100', costNanoUsd: 1 };
const GPU_PRICE = { id: 'g1', provider: 'aws', gpuType: 'a100', from: DAY, nanoUsdPerHour: 1 };

function rowsOfOneJob() {
  const summer = createDaySummer(1);
  const rows = summer.add({ team: 'ops', model: 'm', provider: 'p', costNanoUsd: 1 });
  if (rows === undefined) throw new Error('one row is a part here');
  return rows;
}

async function drain(rows: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of rows);
}
const INGESTION = {
  ...{ _id: 'ing_1', org: ORG, format: 'csv', requestHash: 'h', parts: 'p', createdBy: { id: 'k' } },
  ...{ mapping: { columns: [], constants: [] }, createdAt: new Date() },
};

/** Every function of the repositories of jobs and of what was rolled up of them. */
export const JOB_CALLS = {
  jobs: {
    list: ({ jobs }: Store) => jobs.list(ORG, { team: 'ops' }, { limit: 10, skip: 0 }),
    gpuJobs: async ({ jobs }: Store) => {
      for await (const job of jobs.gpuJobs(ORG, { provider: 'aws', gpuType: 'a100' }, [DAY])) return job;
    },
    endedOn: ({ jobs }: Store) => jobs.endedOn(ORG, DAY, 10),
    extent: ({ jobs }: Store) => jobs.extent(ORG),
    each: ({ jobs }: Store) => drain(jobs.each(ORG, { start: DAY, end: DAY })),
  },
  ingestions: {
    create: ({ ingestions }: Store) => ingestions.create(INGESTION),
    received: ({ ingestions }: Store) => ingestions.received(INGESTION, { bytes: 1, total: 1 }),
    queue: ({ ingestions }: Store) =>
      ingestions.queue(INGESTION, {
        bytes: 1,
        total: 1,
        contentHash: 'c',
        mapping: { columns: [], constants: [] },
      }),
    begin: ({ ingestions }: Store) => ingestions.begin(ORG, INGESTION._id),
    find: ({ ingestions }: Store) => ingestions.find(ORG, INGESTION._id),
    list: async ({ ingestions }: Store) => {
      await ingestions.list(ORG, undefined, { limit: 2 });
      await ingestions.list(ORG, 'running', { limit: 2 });
    },
    restingSince: ({ ingestions }: Store) => ingestions.restingSince(new Date(Date.now() + 1_000), 10),
    end: ({ ingestions }: Store) => ingestions.end(INGESTION, ['running'], { state: 'completed' }),
    emptied: ({ ingestions }: Store) => ingestions.emptied(INGESTION),
    forget: ({ ingestions }: Store) => ingestions.forget(INGESTION),
  },
  ingestionParts: {
    add: ({ ingestionParts }: Store) => ingestionParts.add(ORG, 'p', 0, ['{}']),
    behind: ({ ingestionParts }: Store) => ingestionParts.behind(ORG, 'p', 0),
    drop: ({ ingestionParts }: Store) => ingestionParts.drop(ORG, 'p'),
  },
  archives: {
    find: ({ archives }: Store) => archives.find(ORG, ARCHIVE._id),
    list: async ({ archives }: Store) => {
      for (const name of [undefined, 'jobs' as const]) await archives.list(ORG, name, { limit: 2 });
    },
    sums: ({ archives }: Store) => archives.sums(ORG, 'jobs'),
    unfinished: async ({ archives }: Store) => {
      for (const org of [undefined, ORG]) await archives.unfinished(org, 2);
    },
    move: async ({ archives, jobs }: Store) => {
      await archives.model.create({ ...ARCHIVE, of: 'jobs', key: DAY, rows: 0, bytes: 0, at: new Date() });
      await jobs.model.create({ _id: `${ORG}|j1`, o: ORG, d: DAY });
      return archives.move(ARCHIVE, { model: jobs.model as never, org: 'o' }, [`${ORG}|j1`]);
    },
    finish: ({ archives }: Store) => archives.finish(ARCHIVE),
    dropOpen: ({ archives }: Store) => archives.dropOpen(ARCHIVE),
    restore: ({ archives, jobs }: Store) =>
      archives.restore(ARCHIVE, [{ model: jobs.model as never, org: 'o' }]),
  },
  teams: {
    idOf: async ({ teams }: Store) => teams.idOf(ORG, 'ops'),
    ensure: ({ teams }: Store) => teams.ensure(ORG, [{ _id: 'team_1', name: 'ops' }]),
    find: ({ teams }: Store) => teams.find(ORG, 'team_1'),
  },
  jobDayMarks: {
    behind: ({ jobDayMarks }: Store) => jobDayMarks.behind(ORG, DAY),
    daysBehind: ({ jobDayMarks }: Store) => jobDayMarks.daysBehind(ORG, DAY, DAY),
    usingGpusOn: ({ jobDayMarks }: Store) => jobDayMarks.usingGpusOn(ORG, DAY),
    due: ({ jobDayMarks }: Store) => jobDayMarks.due(new Date()),
    archivedOf: ({ jobDayMarks }: Store) => jobDayMarks.archivedOf(ORG, [DAY]),
    countArchived: ({ jobDayMarks }: Store) => jobDayMarks.countArchived(ORG, DAY, DAY),
    archivable: ({ jobDayMarks }: Store) => jobDayMarks.archivable(ORG, DAY, new Date(), 10),
    findDay: ({ jobDayMarks }: Store) => jobDayMarks.findDay(ORG, DAY),
  },
  jobDays: {
    addRows: ({ jobDays }: Store) => jobDays.addRows(id, 0, rowsOfOneJob()),
    sums: ({ jobDays }: Store) => jobDays.sums(ORG, DAY, DAY, 'team'),
    eachRows: ({ jobDays }: Store) => jobDays.eachRows(ORG, DAY, DAY, ['team', 'model'], () => {}),
    dropRows: ({ jobDays }: Store) =>
      jobDays.dropRows(ORG, DAY, { below: '000000000002', keep: '000000000001-b' }),
    dropVersion: ({ jobDays }: Store) => jobDays.dropVersion(id),
  },
  costSnapshots: {
    put: ({ costSnapshots }: Store) => costSnapshots.put(ORG, [SNAPSHOT], new Date()),
    find: ({ costSnapshots }: Store) => costSnapshots.find(ORG, SNAPSHOT.id),
    list: ({ costSnapshots }: Store) =>
      costSnapshots.list(ORG, { start: DAY, end: DAY }, { limit: 10, skip: 0 }),
    behind: ({ costSnapshots }: Store) => costSnapshots.behind(ORG, DAY, DAY),
    fence: ({ costSnapshots }: Store) => costSnapshots.fence(ORG, DAY, DAY),
    due: ({ costSnapshots }: Store) => costSnapshots.due(new Date(), 0),
    remove: ({ costSnapshots }: Store) => costSnapshots.remove(ORG, SNAPSHOT.id, 'key_1', new Date()),
  },
  gpuPrices: {
    list: ({ gpuPrices }: Store) => gpuPrices.list(ORG),
    set: ({ gpuPrices }: Store) => gpuPrices.set(ORG, [GPU_PRICE], 'key_1', new Date()),
    remove: ({ gpuPrices }: Store) => gpuPrices.remove(ORG, GPU_PRICE.id, 'key_1', new Date()),
  },
};
