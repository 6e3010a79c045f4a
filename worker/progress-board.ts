import type { CountProgress } from '../activities/index.ts';
import type { CounterDelta } from '../store/runs.ts';

/** A run's document is large, and people look twice a second: writes to it keep this distance. */
const APART_MS = 200;

type AddCounters = (org: string, runId: string, delta: CounterDelta, at: Date) => Promise<void>;

/** What this process still has to add to one run. */
interface Sum {
  org: string;
  runId: string;
  delta: Record<string, number>;
  timer: NodeJS.Timeout;
}

/**
 * Adds up what the items of a run report, and stores the sum a little later: one write for many items, and no
 * item waits for it but the last that this process has under way. So all is stored once a run is quiet, when
 * it may be counted anew.
 */
export function createProgressBoard(addCounters: AddCounters) {
  /** Attempts under way by run. */
  const attempts = new Map<string, number>();
  const waiting = new Map<string, Sum>();
  /** The writes of each run, one after the other. */
  const writing = new Map<string, Promise<void>>();

  function sumOf(org: string, runId: string): Sum {
    const known = waiting.get(runId);
    if (known !== undefined) return known;
    // Awaited by whoever is the last; until then an error must not end the process.
    const timer = setTimeout(() => void write(runId).catch(() => {}), APART_MS);
    const sum = { org, runId, delta: {}, timer };
    waiting.set(runId, sum);
    return sum;
  }

  /** Stores what is waiting, behind the writes before. @throws what any of those has thrown. */
  function write(runId: string): Promise<void> {
    const before = writing.get(runId) ?? Promise.resolve();
    const sum = waiting.get(runId);
    if (sum === undefined) return before;
    clearTimeout(sum.timer);
    waiting.delete(runId);
    const written = store(sum, before);
    writing.set(runId, written);
    return written;
  }

  async function store({ org, runId, delta }: Sum, before: Promise<void>): Promise<void> {
    try {
      await before;
    } finally {
      await addCounters(org, runId, delta, new Date());
    }
  }

  /** @throws Error where a write failed since the run was quiet here: the counters lack something. */
  async function writeAll(runId: string): Promise<void> {
    const written = write(runId);
    try {
      await written;
    } finally {
      if (writing.get(runId) === written) writing.delete(runId);
    }
  }

  const count: CountProgress = async ({ org, runId }, delta) => {
    const sum = sumOf(org, runId);
    for (const [name, value] of Object.entries(delta)) sum.delta[name] = (sum.delta[name] ?? 0) + value;
    if (!attempts.has(runId)) await writeAll(runId);
  };

  return {
    /** An attempt at a run begins. Resolve what it returns at its end: the last one waits for all writes. */
    enter(runId: string): () => Promise<void> {
      attempts.set(runId, (attempts.get(runId) ?? 0) + 1);
      return async () => {
        const left = (attempts.get(runId) ?? 1) - 1;
        if (left > 0) {
          attempts.set(runId, left);
          return;
        }
        attempts.delete(runId);
        await writeAll(runId);
      };
    },
    /** Reports are stored soon; at once where no attempt of the run is under way here. */
    count,
  };
}
