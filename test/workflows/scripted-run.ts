import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { Activities, MoveInput } from '../../activities/index.ts';
import { workflowBundle } from '../../worker/workflow-bundle.ts';
import { type ItemResult, type RunInput, workflowIdOf } from '../../workflows/messages.ts';

interface ScriptedItem {
  parents: number[];
  state: 'open' | 'done' | 'failed';
  attempts: number;
}

/** What happens to an item; called at each attempt (1, 2, …). */
type Script = (seq: number, attempt: number) => Promise<ItemResult> | ItemResult;

interface ScriptedRun {
  /** Sequence numbers in the order in which their attempts began. */
  started: number[];
  /** In the order in which they ended. */
  ended: number[];
  mostUnderWay: number;
  moves: Omit<MoveInput, 'org' | 'runId' | 'round'>[];
  items: ScriptedItem[];
}

/**
 * Points in time at which a test can hold a run up: each is called before the activity of that name does its
 * work, but `loadPage` when it has read the page.
 */
export type Hooks = Partial<Record<'moveState' | 'loadPage' | 'recount', (input: never) => Promise<void>>>;

Runtime.install({ logger: new DefaultLogger('ERROR') });

const DONE: ItemResult = { outcome: 'done' };

/**
 * The real workflow on the real server, with a worker in this process whose activities follow a script: for
 * races that no real run meets reliably.
 */
export async function startScripted(
  parents: number[][],
  script: Script = () => DONE,
  options: { concurrency?: number; hooks?: Hooks } = {},
) {
  const record: ScriptedRun = {
    started: [],
    ended: [],
    mostUnderWay: 0,
    moves: [],
    items: parents.map((of) => ({ parents: of, state: 'open', attempts: 0 })),
  };
  const address = process.env.BURSAR_TEST_TEMPORAL ?? '';
  const [connection, native] = await Promise.all([
    Connection.connect({ address }),
    NativeConnection.connect({ address }),
  ]);
  const taskQueue = `scripted-${randomBytes(6).toString('hex')}`;
  const worker = await Worker.create({
    connection: native,
    taskQueue,
    workflowBundle: await workflowBundle(),
    activities: scripted(record, script, options.hooks ?? {}),
  });
  const running = worker.run();
  const runId = randomBytes(6).toString('hex');
  const input: RunInput = {
    org: 'default',
    runId,
    kind: 'documentation',
    round: 1,
    concurrency: options.concurrency ?? 4,
    searchAttributes: false,
  };
  const { workflow } = new Client({ connection });
  const handle = await workflow.start('run', { taskQueue, workflowId: workflowIdOf(runId), args: [input] });
  return {
    record,
    handle,
    async stop(): Promise<void> {
      await handle.terminate().catch(() => {});
      worker.shutdown();
      await running;
      await Promise.all([connection.close(), native.close()]);
    },
  };
}

type Scripted = Omit<
  Activities,
  | 'sweepRuns'
  | 'sweepMoney'
  | 'sweepIngestions'
  | 'ingestRows'
  | 'endIngestion'
  | 'archiveRuns'
  | 'deliver'
  | 'giveUp'
  | 'keepForecasts'
  | 'watchAlerts'
  | 'sendReports'
  | 'keepSchedules'
  | 'createScheduledRun'
  | 'cancelScheduledRun'
  | 'hasRunEnded'
  | 'takeMemories'
  | 'deferralOf'
  | 'settleMemories'
  | 'advanceBatch'
  | 'estimateBatch'
>;

function scripted(record: ScriptedRun, script: Script, hooks: Hooks): Scripted {
  const { items } = record;
  let underWay = 0;
  const called = (name: keyof Hooks, input: unknown) => hooks[name]?.(input as never);
  return {
    plan: async () => ({ total: items.length }),
    estimate: async () => {},
    decideGate: async () => ({ gate: 'pass' }),
    acceptApproval: async () => {},
    acquireHold: async () => ({ outcome: 'granted' }),
    releaseHolds: async () => {},
    learn: async () => true,
    async processItem({ seq }) {
      const item = items[seq];
      if (item === undefined) throw new Error(`there is no item ${seq}`);
      record.started.push(seq);
      underWay += 1;
      record.mostUnderWay = Math.max(record.mostUnderWay, underWay);
      item.attempts += 1;
      try {
        const result = await script(seq, item.attempts);
        if (result.outcome === 'done') item.state = 'done';
        if (result.outcome === 'failed') item.state = 'failed';
        if (item.state !== 'open') record.ended.push(seq);
        return result;
      } finally {
        underWay -= 1;
      }
    },
    async moveState({ org: _org, runId: _runId, round: _round, ...move }) {
      await called('moveState', move);
      record.moves.push(move);
      return '';
    },
    async recount() {
      await called('recount', undefined);
      return { failed: items.filter(({ state }) => state === 'failed').length };
    },
    async reopenFailed() {
      const failed = items.filter(({ state }) => state === 'failed');
      for (const item of failed) item.state = 'open';
      return failed.length;
    },
    async loadPage({ afterSeq, limit, later }) {
      const page = items
        .map((item, seq) => ({ ...item, seq }))
        .filter(({ state, seq }) => state === 'open' && seq > afterSeq)
        .slice(0, limit);
      await called('loadPage', { afterSeq });
      const open = new Set([...page.map(({ seq }) => seq), ...later]);
      return page
        .filter(({ seq }) => !later.includes(seq))
        .map(({ seq, parents }) => ({ seq, parents: parents.filter((parent) => open.has(parent)) }));
    },
  };
}

/** A gate that a test opens. */
export function gate() {
  let open = () => {};
  let arrive = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  /** Resolves when somebody waits at the gate. */
  const reached = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  return {
    open,
    reached,
    async pass(): Promise<void> {
      arrive();
      await opened;
    },
  };
}
