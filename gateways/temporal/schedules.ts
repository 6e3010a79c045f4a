import {
  type Client,
  isGrpcServiceError,
  ScheduleAlreadyRunning,
  type ScheduleDescription,
  type ScheduleHandle,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { optionalDateToTs, requiredTsToDate } from '@temporalio/common/lib/time.js';
import { AppError, invalidInput } from '../../domain/errors.ts';
import { cronExpressions } from '../../domain/schedules/cron.ts';
import { meantTime, NEXT_TIMES, type Overlap, type ScheduleTerms } from '../../domain/schedules/schedule.ts';
import { SCHEDULED_RUN_WORKFLOW, type ScheduledRunInput } from '../../workflows/messages.ts';

/** Bounds each question to Temporal. */
const DEADLINE_MS = 10_000;
const POLICIES: Record<Overlap, ScheduleOverlapPolicy> = {
  skip: ScheduleOverlapPolicy.SKIP,
  buffer_one: ScheduleOverlapPolicy.BUFFER_ONE,
  buffer_all: ScheduleOverlapPolicy.BUFFER_ALL,
  cancel_other: ScheduleOverlapPolicy.CANCEL_OTHER,
  allow_all: ScheduleOverlapPolicy.ALLOW_ALL,
};

/** A stored schedule, as far as Temporal must know it. */
export type AppliedSchedule = Omit<ScheduleTerms, 'name' | 'request'> & {
  _id: string;
  org: string;
  paused: boolean;
  note?: string;
  version: number;
};

/** Temporal's schedules, which follow the stored ones. What is missing there is made anew on first use. */
export function createSchedules({ client, taskQueue }: { client: Client; taskQueue: string }) {
  const prefix = `schedule:${taskQueue}:`;
  const handleOf = (id: string): ScheduleHandle => client.schedule.getHandle(`${prefix}${id}`);

  async function create(schedule: AppliedSchedule): Promise<void> {
    try {
      await client.schedule.create({
        scheduleId: `${prefix}${schedule._id}`,
        ...optionsOf(schedule, taskQueue),
      });
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      await update(schedule);
    }
  }

  /** An older version never replaces a newer one: two processes may apply two changes in any order. */
  async function update(schedule: AppliedSchedule): Promise<void> {
    await handleOf(schedule._id).update((before) =>
      versionOf(before) > schedule.version ? (before as never) : optionsOf(schedule, taskQueue),
    );
  }

  /** With the schedule there; after a loss of Temporal's store it is made anew first. */
  async function withOne<T>(
    schedule: AppliedSchedule,
    ask: (handle: ScheduleHandle) => Promise<T>,
  ): Promise<T> {
    return answered(client, async () => {
      try {
        return await ask(handleOf(schedule._id));
      } catch (error) {
        if (!(error instanceof ScheduleNotFoundError)) throw error;
        await create(schedule);
        return ask(handleOf(schedule._id));
      }
    });
  }

  return {
    /** Brings Temporal's schedule in line with the stored one; repeating it changes nothing. */
    async apply(schedule: AppliedSchedule): Promise<void> {
      await answered(client, () => create(schedule));
    },
    /** What it has started goes on. */
    async remove(id: string): Promise<void> {
      await answered(client, async () => {
        try {
          await handleOf(id).delete();
        } catch (error) {
          if (!(error instanceof ScheduleNotFoundError)) throw error;
        }
      });
    },
    /** When it starts something next, were it not paused; at most 5 times. */
    async nextTimes(schedule: AppliedSchedule): Promise<Date[]> {
      const { info } = await withOne(schedule, (handle) => handle.describe());
      return info.nextActionTimes.slice(0, NEXT_TIMES);
    },
    /** Starts now what it starts, by its own policy where none is given. */
    async trigger(schedule: AppliedSchedule, overlap?: Overlap): Promise<void> {
      // Without a policy the client would ask for allow_all.
      await withOne(schedule, (handle) => handle.trigger(POLICIES[overlap ?? schedule.overlap]));
    },
    /** The times from `start` to `end`, both inclusive, that are meant to start something; at most 1,000. */
    async timesBetween(schedule: AppliedSchedule, start: Date, end: Date): Promise<Date[]> {
      return withOne(schedule, async ({ scheduleId }) => {
        const { startTime } = await client.workflowService.listScheduleMatchingTimes({
          namespace: client.options.namespace,
          scheduleId,
          startTime: optionalDateToTs(justBefore(start)) ?? null,
          endTime: optionalDateToTs(end) ?? null,
        });
        return startTime.map((at) => meantTime(schedule, requiredTsToDate(at, 'startTime')));
      });
    },
    /** Starts what it would have started from `start` to `end`, both inclusive, also while it is paused. */
    async backfill(schedule: AppliedSchedule, start: Date, end: Date, overlap: Overlap): Promise<void> {
      const asked = { start: justBefore(start), end, overlap: POLICIES[overlap] };
      await withOne(schedule, (handle) => handle.backfill(asked));
    },
    /** The ids of all that Temporal has for this installation; a moment old at the most. */
    async known(): Promise<Set<string>> {
      const ids = new Set<string>();
      for await (const { scheduleId } of client.schedule.list())
        if (scheduleId.startsWith(prefix)) ids.add(scheduleId.slice(prefix.length));
      return ids;
    },
  };
}

export type Schedules = ReturnType<typeof createSchedules>;

function optionsOf(schedule: AppliedSchedule, taskQueue: string) {
  const { _id, org, version, startAt, endAt, jitterSeconds, paused, note } = schedule;
  const input: ScheduledRunInput = { org, schedule: _id, version };
  return {
    spec: {
      cronExpressions: cronExpressions(schedule.cron),
      timezone: schedule.timeZone,
      ...(startAt && { startAt }),
      ...(endAt && { endAt }),
      ...(jitterSeconds && { jitter: jitterSeconds * 1000 }),
    },
    policies: {
      overlap: POLICIES[schedule.overlap],
      catchupWindow: schedule.catchupWindowSeconds * 1000,
    },
    state: { paused, ...(note !== undefined && { note }) },
    action: {
      type: 'startWorkflow' as const,
      workflowType: SCHEDULED_RUN_WORKFLOW,
      // Temporal appends the time that each start was meant for.
      workflowId: `scheduled:${taskQueue}:${_id}`,
      taskQueue,
      args: [input] as [ScheduledRunInput],
    },
  };
}

function versionOf({ action }: ScheduleDescription): number {
  return Number((action.args?.[0] as ScheduledRunInput | undefined)?.version ?? 0);
}

/** Temporal's ranges leave their beginning out. */
function justBefore(at: Date): Date {
  return new Date(at.getTime() - 1);
}

async function answered<T>(client: Client, ask: () => Promise<T>): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + DEADLINE_MS, ask);
  } catch (error) {
    if (error instanceof TypeError) throw refused(error);
    if (!isGrpcServiceError(error) && !isGrpcServiceError((error as Error).cause)) throw error;
    throw new AppError('services_unavailable', 'the Temporal server did not answer', { cause: error });
  }
}

/** So the client says that the server does not take a specification; it knows its own list of time zones. */
function refused(error: TypeError): AppError {
  const isZone = /time ?zone/i.test(error.message);
  const problem = `Temporal does not take it: ${error.message}`;
  return invalidInput(`the schedule is not valid: ${problem}`, [
    { field: isZone ? 'timeZone' : 'cron', problem },
  ]);
}
