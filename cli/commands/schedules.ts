import { resolve } from 'node:path';
import { AppError, invalidInput } from '../../domain/errors.ts';
import type { Overlap } from '../../domain/schedules/schedule.ts';
import type { Client } from '../client/client.ts';
import { everyPage } from '../client/every-page.ts';
import type { Schedule } from '../client/schedules.ts';
import type { CommandContext } from '../context.ts';
import { EXIT, Interrupted } from '../exit-codes.ts';
import { readSmallText } from '../input/check.ts';
import {
  backfillSpan,
  checkScheduleOptions,
  type NewScheduleOptions,
  newScheduleOf,
} from '../schedule-options.ts';
import { withSession } from '../session.ts';
import { confirm } from '../show/confirm.ts';
import { plural } from '../show/format.ts';
import { nextLines, scheduleLines, scheduleTable, timeIn } from '../show/schedules.ts';
import { findProject } from './projects.ts';

const NEEDS = { temporal: true, command: 'schedules' };
const INPUT_BYTES = 1_000_000;

/** `bursar schedules list` */
export async function listSchedules(context: CommandContext): Promise<number> {
  const { output } = context;
  return withSession(context, NEEDS, async ({ client }) => {
    const schedules = await allSchedules(client);
    output.result({ schedules, total: schedules.length });
    if (schedules.length === 0)
      output.line('No schedules yet. Make one: bursar schedules create --help shows how.');
    else for (const line of scheduleTable(schedules, output.style)) output.line(line);
    return EXIT.done;
  });
}

/** `bursar schedules show` */
export async function showSchedule(context: CommandContext, idOrName: string): Promise<number> {
  return on(context, idOrName, async (client, { id }) => {
    const schedule = await client.schedule(id);
    context.output.result(schedule);
    for (const line of scheduleLines(schedule)) context.output.line(line);
  });
}

/** `bursar schedules create` */
export async function createSchedule(
  context: CommandContext,
  name: string,
  options: NewScheduleOptions,
): Promise<number> {
  const { output } = context;
  checkScheduleOptions(options);
  const own = options.input === undefined ? undefined : await readInput(context, options.input);
  return withSession(context, NEEDS, async ({ client }) => {
    const input = own ?? { projectId: (await findProject(client, options.project ?? '')).id };
    const schedule = await client.createSchedule(newScheduleOf(name, options, input));
    output.result(schedule);
    output.line(`${schedule.name} (${schedule.id}) is scheduled: ${schedule.cron}, ${schedule.timeZone}.`);
    for (const line of nextLines(schedule)) output.line(line);
    return EXIT.done;
  });
}

/** `bursar schedules pause` and `resume` */
export async function pauseSchedule(
  context: CommandContext,
  idOrName: string,
  options: { note?: string },
): Promise<number> {
  return on(context, idOrName, async (client, { id }) =>
    tell(context, await client.pauseSchedule(id, options), 'is paused: it starts nothing by itself.'),
  );
}

export async function resumeSchedule(
  context: CommandContext,
  idOrName: string,
  options: { note?: string },
): Promise<number> {
  return on(context, idOrName, async (client, { id }) =>
    tell(context, await client.resumeSchedule(id, options), 'goes on.'),
  );
}

/** `bursar schedules trigger` */
export async function triggerSchedule(
  context: CommandContext,
  idOrName: string,
  options: { overlap?: Overlap },
): Promise<number> {
  return on(context, idOrName, async (client, { id }) =>
    tell(context, await client.triggerSchedule(id, options), 'starts its run now.'),
  );
}

/** `bursar schedules backfill` */
export async function backfillSchedule(
  context: CommandContext,
  idOrName: string,
  { from, to, overlap }: { from: string; to: string; overlap?: Overlap },
): Promise<number> {
  const { output } = context;
  return on(context, idOrName, async (client, { id, name, timeZone }) => {
    const span = backfillSpan(from, to, timeZone, new Date());
    const answer = await client.backfillSchedule(id, { ...span, ...(overlap && { overlap }) });
    output.result(answer);
    output.line(`${name} (${id}) makes up for ${plural(answer.times.length, 'time')}:`);
    for (const { scheduledAt, run } of answer.times) output.line(`${timeIn(scheduledAt, timeZone)}  ${run}`);
  });
}

/** `bursar schedules delete` */
export async function deleteSchedule(
  context: CommandContext,
  idOrName: string,
  { yes }: { yes?: boolean },
): Promise<number> {
  const { output, interrupts } = context;
  if (yes !== true && !process.stdin.isTTY)
    throw invalidInput('there is no terminal to ask for confirmation: add --yes to delete the schedule');
  return on(context, idOrName, async (client, { id, name }) => {
    const question = `Delete ${name}? Its runs stay; no more are started.`;
    if (yes !== true && !(await confirm(question, interrupts.first)))
      throw new Interrupted('nothing was deleted');
    await client.deleteSchedule(id);
    output.result({ id, deleted: true });
    output.line(`${name} (${id}) is deleted.`);
  });
}

async function on(
  context: CommandContext,
  idOrName: string,
  act: (client: Client, schedule: Schedule) => Promise<void>,
): Promise<number> {
  return withSession(context, NEEDS, async ({ client }) => {
    const all = await allSchedules(client);
    const found = all.find(({ id }) => id === idOrName) ?? all.find(({ name }) => name === idOrName);
    if (found === undefined)
      throw new AppError('not_found', `there is no schedule ${idOrName}; list them: bursar schedules list`);
    await act(client, found);
    return EXIT.done;
  });
}

function allSchedules(client: Client): Promise<Schedule[]> {
  return everyPage(async (page) => {
    const { schedules: rows, cursor } = await client.schedules({ ...page });
    return { rows, cursor };
  });
}

function tell({ output }: CommandContext, schedule: Schedule, what: string): void {
  output.result(schedule);
  output.line(`${schedule.name} (${schedule.id}) ${what}`);
  for (const line of nextLines(schedule)) output.line(line);
}

async function readInput({ directory }: CommandContext, path: string): Promise<object> {
  const text = await readSmallText(resolve(directory, path), INPUT_BYTES);
  try {
    const input: unknown = JSON.parse(text);
    if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input;
  } catch {
    // The same answer as for JSON that is no object.
  }
  throw invalidInput(`--input ${path} is not an object of JSON: the input of a run, as POST /runs takes it`);
}
