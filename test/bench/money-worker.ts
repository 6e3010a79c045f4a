import { connectMongo } from '../../config/connections.ts';
import { createStore, type Store } from '../../store/index.ts';

/** What a worker is to do for some time, one after another. */
export type MoneyTask = { seconds: number } & (
  | { do: 'draws'; org: string; hold: string }
  | { do: 'acquires'; org: string }
);

/** How long each took, in milliseconds. */
export interface MoneyTimes {
  times: number[];
}

const WORST = 2_000_000;

/** A call from its draw to its entry, without the call. */
async function draw(store: Store, { org, hold }: { org: string; hold: string }, id: string): Promise<void> {
  const at = new Date();
  const open = { draw: id, seq: 1, step: 'summary', worst: WORST, at };
  if (!(await store.holds.draw(hold, open))) throw new Error('the hold has too little');
  const usage = { inputTokens: 1_834, outputTokens: 207 };
  const entry = { id, org, hold, costNanoUsd: 399_300, usage, step: 'summary', at };
  // As the activities of a run do it.
  await store.settle({ _id: hold, org }, open, { ...entry, day: at.toISOString().slice(0, 10) }, true);
}

async function acquire(store: Store, org: string, id: string): Promise<void> {
  const facts = { org, id, owner: id, scope: {}, line: id, number: 1, amount: 1_000, least: 1_000 };
  const result = await store.acquire({ ...facts, priority: 5, at: new Date() });
  if (!('granted' in result)) throw new Error('nothing was granted');
}

async function carryOut(store: Store, task: MoneyTask): Promise<MoneyTimes> {
  const times: number[] = [];
  const mine = `${process.pid.toString(36)}${Date.now().toString(36)}`;
  for (const end = performance.now() + task.seconds * 1000; performance.now() < end; ) {
    const startedAt = performance.now();
    const id = `${mine.padEnd(16, '0').slice(0, 16)}:${times.length.toString(36)}.1.1`;
    if (task.do === 'draws') await draw(store, task, id);
    else await acquire(store, task.org, id);
    times.push(performance.now() - startedAt);
  }
  return { times };
}

/** A process that draws and settles, or acquires, when its parent tells it to. */
async function main(uri: string): Promise<void> {
  const store = createStore(await connectMongo(uri, { poolSize: 4 }));
  process.on('message', (task: MoneyTask) => {
    void carryOut(store, task).then((times) => process.send?.(times));
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.({ ready: true });
}

await main(process.argv[2] ?? '');
