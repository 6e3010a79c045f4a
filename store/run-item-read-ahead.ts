import type { Model } from 'mongoose';
import { keepAtMost } from '../domain/keep-at-most.ts';
import type { RunItem } from './run-items.ts';

interface ItemOf {
  _id: string;
  org: string;
  run: string;
  seq: number;
}

/** Items that one read brings: few reads, and little in memory. */
const BLOCK = 200;
/** Rows and blocks that are kept: of several runs that go on at the same time. */
const KEPT_ROWS = 10_000;
const KEPT_BLOCKS = 1_000;

/**
 * Reads items ahead of their turn, a block of neighbours at once, for a run takes them in order. It keeps
 * only those that were never started: whoever finds that still so, by a guard on `begun: 0`, knows their row.
 */
export function createReadAhead(model: Model<RunItem>) {
  const rows = new Map<string, RunItem>();
  const blocks = new Map<string, Promise<void>>();

  function readOnce({ org, run, seq }: ItemOf): Promise<void> {
    const from = seq - (seq % BLOCK);
    const key = `${org}:${run}:${from}`;
    const known = blocks.get(key);
    if (known !== undefined) return known;
    const reading = read(org, run, from);
    keepAtMost(KEPT_BLOCKS, blocks, key, reading);
    reading.catch(() => blocks.delete(key));
    return reading;
  }

  async function read(org: string, run: string, from: number): Promise<void> {
    const filter = { org, run, seq: { $gte: from, $lt: from + BLOCK }, begun: 0 };
    const cursor = model.collection.find(filter as never, { batchSize: BLOCK + 1 });
    for (const row of (await cursor.toArray()) as unknown as RunItem[])
      keepAtMost(KEPT_ROWS, rows, row._id, row);
  }

  return {
    /** The rows of those items that nobody had started when they were read. Each is handed out once. */
    async take(items: ItemOf[]): Promise<Map<string, RunItem>> {
      const missing = items.filter(({ _id }) => !rows.has(_id));
      await Promise.all(missing.map(readOnce));
      const found = new Map<string, RunItem>();
      for (const { _id, org } of items) {
        const row = rows.get(_id);
        if (row?.org !== org) continue;
        rows.delete(_id);
        found.set(_id, row);
      }
      return found;
    },
  };
}
