import { scheduleAlert } from '../domain/alerts/schedule-alerts.ts';
import { isEnded } from '../domain/run.ts';
import { frozenRun } from '../kinds/frozen-run.ts';
import { scheduledRunId } from '../kinds/run-id.ts';
import type { Run } from '../store/run-record.ts';
import type { Schedule } from '../store/schedules.ts';
import type { RunStart, ScheduledRunInput } from '../workflows/messages.ts';
import { toActivityFailure, toAppError, translating } from './failures.ts';
import type { ActivityDeps } from './index.ts';

type RunId = { org: string; runId: string };

/** What schedules start. All can be repeated. */
export function createScheduledRuns(deps: ActivityDeps) {
  const { runs, schedules } = deps.store;

  /** The run of this schedule and time, however often it is asked for. It sees what is there now. */
  async function runAt(schedule: Schedule, scheduledAt: Date): Promise<Run> {
    const { _id: id, org, request } = schedule;
    const _id = scheduledRunId(deps, org, id, scheduledAt);
    const known = await runs.find(org, _id);
    if (known !== undefined) return known;
    const { kind: _kind, ...frozen } = await frozenRun(deps, org, request);
    const origin = { schedule: id, scheduledAt, triggeredBy: { id }, requestHash: `schedule ${id}` };
    return (await runs.create({ _id, org, kind: request.kind, ...frozen, ...origin })).run;
  }

  /** What will not go away by itself stands at the schedule, for people; nothing else stops. */
  async function noteFailure(schedule: Schedule, scheduledAt: Date, thrown: unknown): Promise<void> {
    const { code, publicMessage: message, details, retryable } = toAppError(thrown);
    if (retryable) throw toActivityFailure(thrown);
    const told = details.length === 0 ? message : `${message} (${details[0]?.field})`;
    const failure = { at: deps.now(), scheduledAt, code, message: details[0]?.field ? told : message };
    await schedules.setLastError(schedule.org, schedule._id, failure);
    await alignAlerts(schedule.org);
  }

  async function alignAlerts(org: string): Promise<void> {
    const failing = (await schedules.failing(org)).map(scheduleAlert);
    await deps.store.alerts.align(org, ['schedule_failed'], failing, deps.now());
  }

  return {
    /** @returns what its workflow is to start; undefined where there is nothing (more) to do. */
    createScheduledRun: translating(
      async (of: ScheduledRunInput & { at: number }): Promise<RunStart | undefined> => {
        const schedule = await schedules.find(of.org, of.schedule);
        if (schedule === undefined) {
          // It was deleted, and Temporal has not heard of it.
          await deps.schedules.remove(of.schedule);
          return undefined;
        }
        const scheduledAt = new Date(of.at);
        let run: Run;
        try {
          run = await runAt(schedule, scheduledAt);
        } catch (thrown) {
          await noteFailure(schedule, scheduledAt, thrown);
          return undefined;
        }
        if (schedule.lastError !== undefined) {
          await schedules.setLastError(of.org, of.schedule, undefined);
          await alignAlerts(of.org);
        }
        return isEnded(run.state) ? undefined : deps.starter.startOf(run);
      },
    ),
    /** As people cancel it: the wish is stored, then its workflow is told. */
    cancelScheduledRun: translating(async ({ org, runId }: RunId): Promise<void> => {
      await runs.request(org, runId, { cancelRequested: true });
      await deps.starter.cancel(runId);
    }),
    hasRunEnded: translating(async ({ org, runId }: RunId): Promise<boolean> => {
      const run = await runs.find(org, runId);
      return run === undefined || isEnded(run.state);
    }),
  };
}
