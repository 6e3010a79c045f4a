import { createProgressBoard } from '../../worker/progress-board.ts';
import {
  counters,
  FAILURE,
  logRow,
  newRun,
  newStore,
  type OpenedStore,
  ORG,
  plannedItems,
  racing,
  SPENT,
  trues,
} from './database.ts';

let opened: OpenedStore;
beforeAll(async () => {
  opened = await newStore();
});
afterAll(() => opened.close());

describe('items', () => {
  test('are planned once: a plan that is stored again completes what is missing', async () => {
    const { runItems } = opened.store;
    const run = await newRun(opened);
    await runItems.insertPlan(ORG, run._id, plannedItems(1200));
    await runItems.claim(ORG, run._id, 3, new Date());
    await runItems.end(ORG, run._id, 3, { ...SPENT, state: 'done' }, new Date());
    await runItems.model.deleteMany({ run: run._id, seq: { $gte: 1100 } });
    await racing(2, () => runItems.insertPlan(ORG, run._id, plannedItems(1200)));
    expect(await runItems.count(ORG, run._id)).toMatchObject({ total: 1200, done: 1, ...SPENT });
    expect(await runItems.find(ORG, run._id, 1150)).toMatchObject({ state: 'pending', parents: [1149] });
  });

  test('end once, however many try, and then stay ended', async () => {
    const { runItems } = opened.store;
    const run = await newRun(opened);
    await runItems.insertPlan(ORG, run._id, plannedItems(2));
    const ended = await racing(16, (index) =>
      index % 2
        ? runItems.end(ORG, run._id, 0, { ...SPENT, state: 'done' }, new Date())
        : runItems.end(ORG, run._id, 0, { ...SPENT, state: 'failed', failure: FAILURE }, new Date()),
    );
    expect(trues(ended)).toBe(1);
    const item = await runItems.find(ORG, run._id, 0);
    expect(item?.state === 'done' ? item.failure : item?.failure?.code).toBe(
      item?.state === 'done' ? undefined : 'llm_refused',
    );
    expect(await runItems.claim(ORG, run._id, 0, new Date())).toMatchObject({ state: item?.state });
    await runItems.putBack(ORG, run._id, 0, SPENT, FAILURE);
    expect((await runItems.find(ORG, run._id, 0))?.state).toBe(item?.state);
  });

  test('count every start, and an attempt that came to an end clears them', async () => {
    const { runItems } = opened.store;
    const run = await newRun(opened);
    await runItems.insertPlan(ORG, run._id, plannedItems(1));
    const starts = [];
    for (let start = 0; start < 3; start += 1)
      starts.push((await runItems.claim(ORG, run._id, 0, new Date()))?.starts);
    expect(starts).toEqual([0, 1, 2]);
    await runItems.putBack(ORG, run._id, 0, SPENT, FAILURE);
    expect(await runItems.find(ORG, run._id, 0)).toMatchObject({ state: 'pending', starts: 0, attempts: 1 });
    await racing(16, () => runItems.claim(ORG, run._id, 0, new Date()));
    expect((await runItems.find(ORG, run._id, 0))?.starts).toBe(16);
  });

  test('that two processes take at once are started twice and end once', async () => {
    const { runItems } = opened.store;
    const other = await newStore(opened.connection.name);
    const run = await newRun(opened);
    await runItems.insertPlan(ORG, run._id, plannedItems(300));
    const both = [runItems, other.store.runItems];
    const rows = await Promise.all(
      both.map((items) => racing(300, (seq) => items.claim(ORG, run._id, seq, new Date()))),
    );
    expect(rows.flat().every((row) => row?.key === `model.p.m${row?.seq}`)).toBe(true);
    expect((await runItems.list(ORG, run._id, undefined, { limit: 100 })).rows).toEqual(
      Array.from({ length: 100 }, () => expect.objectContaining({ state: 'working', begun: 2, starts: 2 })),
    );
    const ended = await Promise.all(
      both.map((items, index) =>
        racing(300, (seq) => {
          const end = { ...SPENT, durationMs: index, state: 'done' } as const;
          return items.end(ORG, run._id, seq, end, new Date());
        }),
      ),
    );
    expect(ended[0]?.map((first, seq) => Number(first) + Number(ended[1]?.[seq]))).toEqual(
      Array(300).fill(1),
    );
    expect(await runItems.count(ORG, run._id)).toMatchObject({
      done: 300,
      costNanoUsd: 300 * SPENT.costNanoUsd,
      durationMs: trues(ended[1] ?? []),
    });
    await other.close();
  });

  test('of another organization are not there', async () => {
    const { runItems } = opened.store;
    const run = await newRun(opened);
    await runItems.insertPlan(ORG, run._id, plannedItems(1));
    expect(await runItems.claim('other', run._id, 0, new Date())).toBeUndefined();
    expect(await runItems.end('other', run._id, 0, { ...SPENT, state: 'done' }, new Date())).toBe(false);
    expect(await runItems.find(ORG, run._id, 0)).toMatchObject({ state: 'pending', starts: 0 });
  });

  test('that failed open again, all or those of one fingerprint', async () => {
    const { runItems } = opened.store;
    const run = await newRun(opened);
    await runItems.insertPlan(ORG, run._id, plannedItems(3));
    for (const [seq, fingerprint] of ['a', 'a', 'b'].entries())
      await runItems.end(
        ORG,
        run._id,
        seq,
        { ...SPENT, state: 'failed', failure: { ...FAILURE, fingerprint } },
        new Date(),
      );
    expect(
      (await runItems.failureGroups(ORG, run._id)).map((group) => [group.fingerprint, group.count]),
    ).toEqual([
      ['a', 2],
      ['b', 1],
    ]);
    expect(await runItems.reopenFailed(ORG, run._id, 'a')).toBe(2);
    expect(await runItems.reopenFailed(ORG, run._id)).toBe(1);
    expect(await runItems.count(ORG, run._id)).toMatchObject({ total: 3, failed: 0 });
  });
});

describe('results', () => {
  test('are stored once: of many attempts the first counts, for all of them', async () => {
    const { generationLogs } = opened.store;
    const rows = await racing(16, (index) =>
      generationLogs.store(logRow('once', 0, { output: `text ${index}` })),
    );
    const [stored] = await generationLogs.ofItem(ORG, 'once', 0);
    expect(new Set(rows.map(({ output }) => output))).toEqual(new Set([stored?.output]));
    await generationLogs.store(logRow('once', 0, { status: 'failed', error: FAILURE }));
    expect(await generationLogs.ofItem(ORG, 'once', 0)).toEqual([stored]);
  });

  test('take the place of a failure, and a newer failure that of an older', async () => {
    const { generationLogs } = opened.store;
    const failed = (message: string) =>
      logRow('mend', 0, { status: 'failed', error: { ...FAILURE, message } });
    await generationLogs.store(failed('one'));
    await generationLogs.store(failed('two'));
    expect((await generationLogs.ofItem(ORG, 'mend', 0)).map(({ error }) => error?.message)).toEqual(['two']);
    await generationLogs.store(logRow('mend', 0, { output: 'text' }));
    const [row, ...rest] = await generationLogs.ofItem(ORG, 'mend', 0);
    expect([row?.status, row?.output, row?.error, rest]).toEqual(['done', 'text', undefined, []]);
  });

  test('of different items and layers stand beside each other', async () => {
    const { generationLogs } = opened.store;
    await racing(40, (index) =>
      generationLogs.store(logRow('many', index % 20, { layer: index < 20 ? 'summary' : 'columns' })),
    );
    const { total, rows } = await generationLogs.list(ORG, 'many', undefined, { limit: 100 });
    expect([total, rows.map(({ seq }) => seq)]).toEqual([40, rows.map((_, index) => Math.floor(index / 2))]);
  });
});

test('counters add up to what was reported, in few writes, all stored when the run is quiet', async () => {
  const { runs } = opened.store;
  const { _id } = await newRun(opened);
  await runs.setCounters(ORG, _id, counters({ total: 500 }));
  let writes = 0;
  const board = createProgressBoard((...write) => {
    writes += 1;
    return runs.addCounters(...write);
  });
  await racing(500, async (index) => {
    const leave = board.enter(_id);
    await board.count({ org: ORG, runId: _id }, { [index % 10 ? 'done' : 'failed']: 1, ...SPENT });
    await leave();
  });
  expect((await runs.find(ORG, _id))?.counters).toEqual(
    counters({
      total: 500,
      done: 450,
      failed: 50,
      inputTokens: 5000,
      outputTokens: 2500,
      calls: 500,
      costNanoUsd: 3500,
      durationMs: 1500,
    }),
  );
  expect(writes).toBeLessThan(5);
});
