import { archiveOldRuns } from '../../activities/archive-runs.ts';
import { logRow, newRun, newStore, type OpenedStore, ORG, plannedItems } from './database.ts';

const ROWS = 1_201;
const DAY_MS = 86_400_000;
let opened: OpenedStore;
beforeAll(async () => {
  opened = await newStore();
});
afterAll(() => opened.close());

/** An ended run of three parts of items and logs. */
async function endedRun(): Promise<string> {
  const { store } = opened;
  const { _id } = await newRun(opened);
  await store.runItems.insertPlan(ORG, _id, plannedItems(ROWS));
  const rows = Array.from({ length: ROWS }, (_, seq) => logRow(_id, seq, { output: `answer ${seq} – ünï` }));
  await Promise.all(rows.map((row) => store.generationLogs.store(row)));
  await store.runs.move(ORG, _id, { state: 'completed' }, 1);
  return _id;
}

const rowsOf = async (run: string) => {
  const { runItems, generationLogs } = opened.store;
  const of = { org: ORG, run };
  const [items, logs] = [runItems.model.collection, generationLogs.model.collection];
  return [await items.find(of).sort({ _id: 1 }).toArray(), await logs.find(of).sort({ _id: 1 }).toArray()];
};
const archiveAll = () => opened.store.archiveRuns(new Date(Date.now() + 1000), new Date(), ORG);

test('what is archived comes back as it was, also where a process died in between', async () => {
  const { store } = opened;
  const id = await endedRun();
  const before = await rowsOf(id);
  expect(before.map((rows) => rows.length)).toEqual([ROWS, ROWS]);
  expect(await archiveAll()).toEqual({ archived: 1, more: false });
  expect(await archiveAll()).toEqual({ archived: 0, more: false });
  expect(await rowsOf(id)).toEqual([[], []]);
  expect((await store.runs.find(ORG, id))?.archivedAt).toBeInstanceOf(Date);
  const parts = await store.runArchives.model.find({ org: ORG, run: id }).lean();
  expect(parts).toHaveLength(6);
  const size = parts.reduce((sum, { bytes }) => sum + (bytes as unknown as { length(): number }).length(), 0);
  expect(size).toBeLessThan(JSON.stringify(before).length / 5);
  // As if it had died between storing a part and deleting its rows, and begun anew: rows stand in two parts.
  await opened.store.runItems.model.collection.insertMany(before[0]?.slice(0, 10) as never);
  await store.runArchives.move(store.runItems.model as never, ORG, id, new Date());
  await store.restoreRun(ORG, id);
  await store.restoreRun(ORG, id);
  expect(await rowsOf(id)).toEqual(before);
  expect(await store.runArchives.model.countDocuments({ org: ORG, run: id })).toBe(0);
  expect((await store.runs.find(ORG, id))?.archivedAt).toBeUndefined();
}, 60_000);

test('housekeeping takes what ended before the days that are kept, and nothing that is open', async () => {
  const { store } = opened;
  await archiveAll();
  const [old, open] = [await endedRun(), (await newRun(opened))._id];
  const days = (count: number) => {
    const now = () => new Date(Date.now() + count * DAY_MS);
    return archiveOldRuns({ store, retentionDays: 30, now });
  };
  await days(29);
  expect((await store.runs.find(ORG, old))?.archivedAt).toBeUndefined();
  await days(31);
  expect((await store.runs.find(ORG, old))?.archivedAt).toBeInstanceOf(Date);
  expect((await store.runs.find(ORG, open))?.archivedAt).toBeUndefined();
  // Whoever has brought it back wants to look at it.
  await store.restoreRun(ORG, old, new Date(Date.now() + 31 * DAY_MS));
  for (const [day, archived] of [
    [60, false],
    [62, true],
  ] as const) {
    await days(day);
    expect([day, (await store.runs.find(ORG, old))?.archivedAt !== undefined]).toEqual([day, archived]);
  }
});
