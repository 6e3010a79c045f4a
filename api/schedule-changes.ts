import { scheduleAlert } from '../domain/alerts/schedule-alerts.ts';
import { AppError, type ErrorDetail, invalidInput } from '../domain/errors.ts';
import { given } from '../domain/given.ts';
import { firstProblem } from '../domain/issues.ts';
import type { Principal } from '../domain/principal.ts';
import { isEnded } from '../domain/run.ts';
import { MAX_BACKFILL, type Overlap, scheduleProblems, spelledZone } from '../domain/schedules/schedule.ts';
import { frozenRun } from '../kinds/frozen-run.ts';
import { scheduledRunId } from '../kinds/run-id.ts';
import type { Schedule, ScheduleChange } from '../store/schedules.ts';
import type { ApiDeps } from './deps.ts';
import { idOf, keyTaken, sha256 } from './idempotency.ts';
import type { ApiBackfill, ApiNewSchedule, ApiScheduleEdit } from './schedule-schemas.ts';

const MAX_SCHEDULES = 200;
/** Runs that are looked at for one that is still going. */
const RECENT = 20;

/** @throws AppError `not_found`, also for another organization's schedule. */
export async function findSchedule(deps: ApiDeps, org: string, id: string): Promise<Schedule> {
  const schedule = await deps.store.schedules.find(org, id);
  if (schedule === undefined) throw notFound(id);
  return schedule;
}

/**
 * Stores a new schedule and tells Temporal. The same request under the same name or Idempotency-Key brings
 * the same schedule.
 * @throws AppError `invalid_input`; `not_found` for an input that names what is not there; `conflict` where
 * name or key belong to another request, or there are too many; `services_unavailable` where only Temporal
 * has not heard of it yet.
 */
export async function createSchedule(
  deps: ApiDeps,
  principal: Principal,
  asked: ApiNewSchedule,
  idempotencyKey: string | undefined,
): Promise<Schedule> {
  const { org } = principal;
  const { schedules } = deps.store;
  const id = idOf('sch', org, idempotencyKey);
  const requestHash = sha256(JSON.stringify(asked));
  const known = (await schedules.find(org, id)) ?? (await schedules.findByName(org, asked.name));
  const schedule = known ?? (await storeSchedule(deps, principal, asked, { id, requestHash }));
  if (schedule.requestHash !== requestHash)
    throw idempotencyKey !== undefined && schedule._id === id
      ? keyTaken(`schedule ${id}`)
      : nameTaken(asked.name);
  try {
    return await applied(deps, schedule);
  } catch (error) {
    // What Temporal will never take would only stand there.
    if (isRefused(error)) await schedules.remove(org, schedule._id);
    throw error;
  }
}

async function storeSchedule(
  deps: ApiDeps,
  { org, id: by, email }: Principal,
  asked: ApiNewSchedule,
  of: { id: string; requestHash: string },
): Promise<Schedule> {
  const { schedules, settings } = deps.store;
  const { kind, input, options, scope, startAt, endAt, note, jitterSeconds, ...terms } = asked;
  const timeZone = spelledZone(asked.timeZone ?? (await settings.timeZoneOf(org)));
  const when = { cron: terms.cron, timeZone, ...given({ startAt: toDate(startAt), endAt: toDate(endAt) }) };
  const at = new Date();
  refuse(scheduleProblems(when, at));
  const request = { kind, input, options: given(options), scope: given(scope) };
  await frozenRun(deps, org, request);
  if ((await schedules.countOf(org)) >= MAX_SCHEDULES)
    throw new AppError('conflict', `an organization may have ${MAX_SCHEDULES} schedules; delete some first`);
  const createdBy = { id: by, ...(email && { email }) };
  const { id: _id, requestHash } = of;
  const made = { _id, org, ...terms, ...when, ...given({ note, jitterSeconds }), request };
  return schedules.create({ ...made, createdBy, requestHash }, at);
}

/**
 * Changes what is given.
 * @throws AppError `not_found`, `invalid_input`, `conflict` where another has the name.
 */
export async function editSchedule(
  deps: ApiDeps,
  org: string,
  id: string,
  asked: ApiScheduleEdit,
): Promise<Schedule> {
  const before = await findSchedule(deps, org, id);
  const { input, options, scope, startAt, endAt, ...terms } = asked;
  const times = given({ startAt: toDate(startAt), endAt: toDate(endAt) });
  const timeZone = terms.timeZone && spelledZone(terms.timeZone);
  const change: ScheduleChange = { ...given({ ...terms, timeZone }), ...times };
  const after = { ...before, ...change };
  const problems = scheduleProblems(
    { cron: after.cron, timeZone: after.timeZone, ...startsAndEnds(after) },
    new Date(),
  );
  // One that is over may still be given another name.
  refuse(problems.filter(({ field }) => field !== 'endAt' || 'endAt' in times || 'startAt' in times));
  const parts = given({ input, options: options && given(options), scope: scope && given(scope) });
  if (Object.keys(parts).length > 0) {
    change.request = { ...before.request, ...parts };
    await frozenRun(deps, org, change.request);
  }
  if (Object.keys(change).length === 0) return before;
  try {
    return await changed(deps, org, id, change);
  } catch (error) {
    if (isRefused(error)) await deps.store.schedules.change(org, id, termsOf(before), new Date());
    throw error;
  }
}

/** Nothing is started from now on, but what is asked for; `paused` false: again. */
export async function setPaused(
  deps: ApiDeps,
  org: string,
  id: string,
  paused: boolean,
  note: string | undefined,
): Promise<Schedule> {
  return changed(deps, org, id, { paused, note: note ?? null });
}

/** Its runs stay, and go on. */
export async function deleteSchedule(deps: ApiDeps, org: string, id: string): Promise<void> {
  const { alerts, schedules } = deps.store;
  if (!(await schedules.remove(org, id))) throw notFound(id);
  try {
    await deps.schedules.remove(id);
  } catch (error) {
    // Whatever Temporal starts for it finds nothing, and removes it there.
    deps.logger.warn({ err: error, schedule: id }, 'Temporal will hear of the deletion later');
  }
  const failing = (await schedules.failing(org)).map(scheduleAlert);
  await alerts.align(org, ['schedule_failed'], failing, new Date());
}

/** @throws AppError `conflict` where its overlap would leave the start out. */
export async function triggerSchedule(
  deps: ApiDeps,
  org: string,
  id: string,
  overlap: Overlap | undefined,
): Promise<Schedule> {
  const schedule = await findSchedule(deps, org, id);
  if ((overlap ?? schedule.overlap) === 'skip') {
    const { rows } = await deps.store.runs.list(org, { schedule: id }, { limit: RECENT });
    const going = rows.find(({ state }) => !isEnded(state));
    if (going !== undefined)
      throw new AppError(
        'conflict',
        `its run ${going._id} is still going, and the overlap is skip: wait, or name another overlap`,
        { details: [{ field: 'overlap', problem: 'skip leaves out what comes while a run is going' }] },
      );
  }
  await deps.schedules.trigger(schedule, overlap);
  return schedule;
}

/** @returns the times that are made up for, with their runs, which are the same however often it is asked. */
export async function backfillSchedule(deps: ApiDeps, org: string, id: string, asked: ApiBackfill) {
  const schedule = await findSchedule(deps, org, id);
  const [start, end] = [new Date(asked.start), new Date(asked.end)];
  const wrong = (field: string, problem: string) => refuse([{ field, problem }]);
  if (end > new Date()) wrong('end', 'lies in the future');
  if (end < start) wrong('end', 'lies before start');
  const times = await deps.schedules.timesBetween(schedule, start, end);
  if (times.length === 0) wrong('start', `the schedule has no time from then until ${asked.end}`);
  if (times.length > MAX_BACKFILL)
    wrong('end', `over ${MAX_BACKFILL} times of the schedule lie between: ask for fewer at once`);
  await deps.schedules.backfill(schedule, start, end, asked.overlap);
  return times.map((at) => ({
    scheduledAt: at.toISOString(),
    run: scheduledRunId(deps, org, id, at),
  }));
}

async function changed(deps: ApiDeps, org: string, id: string, change: ScheduleChange): Promise<Schedule> {
  const schedule = await deps.store.schedules.change(org, id, change, new Date());
  if (schedule === undefined) throw notFound(id);
  if (schedule === 'taken') throw nameTaken(change.name ?? '');
  return applied(deps, schedule);
}

/** Temporal knows better than our own checks. */
function isRefused(error: unknown): boolean {
  return error instanceof AppError && error.code === 'invalid_input';
}

/** What an edit can change, as it was. */
function termsOf(before: Schedule): ScheduleChange {
  const { name, request, cron, timeZone, overlap, catchupWindowSeconds } = before;
  const { jitterSeconds = null, startAt = null, endAt = null } = before;
  const terms = { name, request, cron, timeZone, overlap, catchupWindowSeconds };
  return { ...terms, jitterSeconds, startAt, endAt };
}

/** Tells Temporal; if the message is lost, housekeeping compares. */
async function applied(deps: ApiDeps, schedule: Schedule): Promise<Schedule> {
  if (schedule.applied >= schedule.version) return schedule;
  await deps.schedules.apply(schedule);
  await deps.store.schedules.setApplied(schedule);
  return schedule;
}

function startsAndEnds({ startAt, endAt }: Pick<ScheduleChange, 'startAt' | 'endAt'>) {
  return { ...(startAt && { startAt }), ...(endAt && { endAt }) };
}

function toDate<Given extends string | null | undefined>(text: Given) {
  return (typeof text === 'string' ? new Date(text) : text) as Given extends string ? Date : Given;
}

/** @throws AppError `invalid_input` with every problem. */
function refuse(problems: ErrorDetail[]): void {
  if (problems.length > 0)
    throw invalidInput(`the request is not valid: ${firstProblem(problems)}`, problems);
}

function notFound(id: string): AppError {
  return new AppError('not_found', `there is no schedule ${id}`);
}

function nameTaken(name: string): AppError {
  const problem = `another schedule is called ${name}`;
  return new AppError('conflict', problem, { details: [{ field: 'name', problem }] });
}
