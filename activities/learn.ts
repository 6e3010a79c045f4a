import type { Estimate } from '../domain/estimate.ts';
import { collectLessons, type Lesson } from '../domain/lessons.ts';
import { plainModelName } from '../domain/model-name.ts';
import type { RunState } from '../domain/run.ts';
import { compareEstimate } from '../domain/variance.ts';
import type { Run } from '../store/run-record.ts';
import { translating } from './failures.ts';
import { heartbeating } from './heartbeat.ts';
import type { ActivityDeps, RunRef } from './index.ts';

const BATCH = 500;
/** What they did is a part of the run that nobody has chosen: not like a whole one in cost or answers. */
const TEACHES_NOTHING: ReadonlySet<RunState> = new Set(['failed', 'cancelled', 'rejected']);

/**
 * Compares a completed round with its estimate, and adds what its steps have shown to the calibrations. To be
 * called when its counters are counted for the last time; a round teaches once, however often this is called.
 */
export function createLearn(deps: ActivityDeps) {
  return translating((of: RunRef): Promise<boolean> => heartbeating(() => learnFromRun(deps, of)));
}

/** @returns false where the round has nothing to teach, or has taught before. */
export async function learnFromRun(deps: Pick<ActivityDeps, 'store' | 'now'>, of: RunRef): Promise<boolean> {
  const { runs, estimates } = deps.store;
  if (await estimates.hasLearned(of.org, of.runId, of.round)) return false;
  const run = await runs.find(of.org, of.runId);
  if (run?.estimate?.made === undefined || run.round !== of.round || TEACHES_NOTHING.has(run.state))
    return false;
  const { estimate, kind, options, counters } = run;
  const actualNanoUsd = counters.costNanoUsd - run.estimate.made.spentNanoUsd;
  const facts = { kind, model: plainModelName(options.model), at: deps.now() };
  const variance = { ...facts, ...compareEstimate(estimate, actualNanoUsd) };
  const round = { org: of.org, run: of.runId, round: of.round };
  return estimates.learn(round, variance, await lessonsOf(deps, run, run.estimate.made));
}

/** Reads the results of the round, a batch at a time: of each step only sums and some samples are kept. */
async function lessonsOf(
  deps: Pick<ActivityDeps, 'store'>,
  { _id, org, round, options: { model } }: Pick<Run, '_id' | 'org' | 'round' | 'options'>,
  made: NonNullable<Estimate['made']>,
): Promise<Lesson[]> {
  const lessons = collectLessons();
  for (let last = ''; ; ) {
    const rows = await deps.store.generationLogs.after(org, _id, last, BATCH);
    for (const row of rows) {
      // Steps that an earlier round has done have taught then.
      if (round > 1 && row.at < made.at) continue;
      // Another model has answered in place of the run's.
      if (row.model !== model) continue;
      lessons.add({
        step: row.layer,
        done: row.status === 'done',
        calls: row.calls,
        inputTokens: row.promptTokens,
        cachedTokens: row.cachedTokens,
        outputTokens: row.completionTokens,
        expectedTokens: row.expectedTokens,
      });
    }
    const behind = rows.at(-1);
    if (behind === undefined || rows.length < BATCH) return lessons.end();
    last = behind._id;
  }
}
