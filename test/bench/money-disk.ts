import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Entry } from '../../store/entries.ts';
import type { Store } from '../../store/index.ts';

const ENTRIES = 40_000;
/** Runs that are at work at the same time, and how many entries each brings at a time. */
const RUNS = 8;
const AT_ONCE = 250;
const STEPS = ['summary', 'business', 'technical', 'columns', 'lineage', 'limitations'];
/** Journals and oplogs are as long as the server lets them become, whatever is stored. */
const NO_DATA = /log\.\d|oplog|^journal$|^diagnostic\.data$|\.lock$|^mongod\.lock$/i;
/** Two checkpoints of the local server. */
const ON_DISK_AFTER_MS = 5_000;

/**
 * Bytes on disk per million entries, with holds, counters, daily costs and all indexes, from fewer entries
 * and scaled. Undefined where the server's files cannot be seen.
 */
export async function measureDisk(store: Store, org: string, folder: string): Promise<number | undefined> {
  const before = bytesIn(folder);
  await fill(store, org);
  await settleDown();
  const after = bytesIn(folder);
  return ((after - before) / ENTRIES) * 1_000_000;
}

async function fill(store: Store, org: string): Promise<void> {
  const runs = await Promise.all(Array.from({ length: RUNS }, () => startRun(store, org)));
  for (let made = 0; made < ENTRIES; ) {
    for (const run of runs) {
      const entries = Array.from({ length: AT_ONCE }, (_, index) => entryOf(run, run.calls + index));
      run.calls += AT_ONCE;
      made += AT_ONCE;
      await Promise.all(entries.map((entry) => store.entries.insert({ ...entry, org })));
    }
    await store.fold();
  }
}

interface FilledRun {
  id: string;
  hold: string;
  calls: number;
  startedAtMs: number;
}

async function startRun(store: Store, org: string): Promise<FilledRun> {
  const id = Array.from({ length: 16 }, () => Math.floor(Math.random() * 36).toString(36)).join('');
  const scope = { user: 'key_1', kind: 'documentation', provider: 'openai', model: 'openai/gpt-4o-mini' };
  const at = new Date();
  const facts = { org, id: `${id}:a1B2c3:1`, owner: id, scope, line: `${id}:all`, number: 1, at };
  const result = await store.acquire({ ...facts, amount: 1, least: 1, priority: 5 });
  if (!('granted' in result)) throw new Error('nothing was granted');
  return { id, hold: result.granted._id, calls: 0, startedAtMs: at.getTime() };
}

/** What a call leaves: numbers that differ, as they do in real runs. */
function entryOf(run: FilledRun, call: number): Omit<Entry, 'org'> {
  const seq = Math.floor(call / STEPS.length);
  const inputTokens = 200 + Math.floor(Math.random() * 7_000);
  const outputTokens = 20 + Math.floor(Math.random() * 500);
  const at = new Date(run.startedAtMs + call * 40 + Math.floor(Math.random() * 400));
  return {
    id: `${run.id}:${seq.toString(36)}.1.${(call % STEPS.length) + 1}`,
    hold: run.hold,
    costNanoUsd: inputTokens * 150 + outputTokens * 600,
    usage: { inputTokens, outputTokens },
    step: STEPS[call % STEPS.length] ?? '',
    at,
    day: at.toISOString().slice(0, 10),
  };
}

/** Of the data: what is stored, without journals and oplogs. */
export function bytesIn(folder: string): number {
  return readdirSync(folder, { withFileTypes: true })
    .filter((each) => each.isFile() && !NO_DATA.test(each.name))
    .reduce((sum, { name }) => sum + statSync(join(folder, name)).size, 0);
}

/** Until what was written is where it stays. */
export function settleDown(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ON_DISK_AFTER_MS));
}
