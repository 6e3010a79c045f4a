import { keepAtMost } from '../../domain/keep-at-most.ts';

/** About the parents that the items under way still need; a summary has some 500 characters. */
const KEPT = 10_000;

/**
 * The summaries that this process has written, by run and object: children in the same run need not read them
 * again. Whatever another process wrote is not here, and is read from the store.
 */
export interface WrittenSummaries {
  /** Undefined where this process has not written the object in that run. */
  get(runId: string, object: string): { summary: string | undefined } | undefined;
  note(runId: string, object: string, summary: string | undefined): void;
}

export function createWrittenSummaries(): WrittenSummaries {
  const summaries = new Map<string, { summary: string | undefined }>();
  const keyOf = (runId: string, object: string) => `${runId}:${object}`;
  return {
    get: (runId, object) => summaries.get(keyOf(runId, object)),
    note(runId, object, summary) {
      keepAtMost(KEPT, summaries, keyOf(runId, object), { summary });
    },
  };
}
