import { toUsd } from '../domain/money.ts';
import { shownState } from '../domain/run.ts';
import type { Schedule } from '../store/schedules.ts';
import type { ApiDeps } from './deps.ts';
import type { ApiSchedule, ApiScheduleDetail } from './schedule-schemas.ts';

const RECENT_RUNS = 10;

/** A schedule as the API shows it. */
export async function toApiSchedule(deps: ApiDeps, schedule: Schedule): Promise<ApiSchedule> {
  const { request, lastError } = schedule;
  const nextTimes = await nextTimesOf(deps, schedule);
  return {
    id: schedule._id,
    name: schedule.name,
    kind: request.kind,
    input: request.input as Record<string, unknown>,
    options: request.options as Record<string, unknown>,
    scope: request.scope as ApiSchedule['scope'],
    cron: schedule.cron,
    timeZone: schedule.timeZone,
    overlap: schedule.overlap,
    catchupWindowSeconds: schedule.catchupWindowSeconds,
    jitterSeconds: schedule.jitterSeconds ?? null,
    startAt: toTime(schedule.startAt),
    endAt: toTime(schedule.endAt),
    paused: schedule.paused,
    note: schedule.note ?? null,
    nextTimes,
    lastError:
      lastError === undefined
        ? null
        : {
            ...lastError,
            at: lastError.at.toISOString(),
            scheduledAt: lastError.scheduledAt.toISOString(),
          },
    createdBy: schedule.createdBy,
    createdAt: schedule.createdAt.toISOString(),
    updatedAt: schedule.updatedAt.toISOString(),
  };
}

/** With its last runs. */
export async function toApiScheduleDetail(deps: ApiDeps, schedule: Schedule): Promise<ApiScheduleDetail> {
  const [shown, { rows }] = await Promise.all([
    toApiSchedule(deps, schedule),
    deps.store.runs.list(schedule.org, { schedule: schedule._id }, { limit: RECENT_RUNS }),
  ]);
  const runs = rows.map((run) => ({
    id: run._id,
    state: shownState(run),
    scheduledAt: toTime(run.scheduledAt),
    createdAt: run.createdAt.toISOString(),
    endedAt: toTime(run.endedAt),
    costUsd: toUsd(run.counters.costNanoUsd),
  }));
  return { ...shown, runs };
}

/** What is stored can be shown without Temporal too. */
async function nextTimesOf(deps: ApiDeps, schedule: Schedule): Promise<string[] | null> {
  try {
    return (await deps.schedules.nextTimes(schedule)).map((at) => at.toISOString());
  } catch (error) {
    deps.logger.warn({ err: error, schedule: schedule._id }, 'the next times are not known');
    return null;
  }
}

function toTime(date: Date | undefined): string | null {
  return date?.toISOString() ?? null;
}
