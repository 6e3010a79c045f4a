import { wallMsAt } from '../../domain/budgets/zones.ts';
import type { Schedule, ScheduleDetail } from '../client/schedules.ts';
import { plural, usd } from './format.ts';
import type { Style } from './style.ts';
import { tableLines } from './table.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const NAME_WIDTH = 9;

/** `Mon 2026-03-30 02:30`, as clocks in the time zone show it. */
export function timeIn(iso: string, timeZone: string): string {
  const wall = new Date(wallMsAt(Date.parse(iso), timeZone));
  return `${DAYS[wall.getUTCDay()]} ${wall.toISOString().slice(0, 16).replace('T', ' ')}`;
}

/** Schedules as a table. */
export function scheduleTable(schedules: Schedule[], style: Style): string[] {
  const titles = ['schedule', 'name', 'kind', 'at', 'time zone', 'overlap', 'next'];
  const rows = schedules.map((schedule) => [
    schedule.id,
    schedule.lastError === null ? schedule.name : `${schedule.name} ${style.bad('(failing)')}`,
    schedule.kind,
    schedule.cron,
    schedule.timeZone,
    schedule.overlap,
    nextOf(schedule),
  ]);
  return tableLines(
    titles.map((title) => ({ title })),
    rows,
    style.bold,
  );
}

function nextOf({ paused, nextTimes, timeZone }: Schedule): string {
  const [next] = nextTimes ?? [];
  if (paused) return 'paused';
  return next === undefined ? '–' : timeIn(next, timeZone);
}

/** One schedule in full, with its last runs where they are at hand. */
export function scheduleLines(schedule: Schedule | ScheduleDetail): string[] {
  const { timeZone, lastError, jitterSeconds, startAt, endAt, note } = schedule;
  const state = schedule.paused ? ' (paused)' : '';
  const facts: [string, string][] = [
    ['schedule', `${schedule.id}, ${schedule.name}${state}`],
    ['note', note ?? ''],
    ['starts', `a run of the kind ${schedule.kind}, at ${schedule.cron} (${timeZone})`],
    ['put off', jitterSeconds === null ? '' : `by up to ${plural(jitterSeconds, 'second')}`],
    ['from', startAt === null ? '' : timeIn(startAt, timeZone)],
    ['until', endAt === null ? '' : timeIn(endAt, timeZone)],
    ['overlap', schedule.overlap],
    ['failed', lastError === null ? '' : `${timeIn(lastError.scheduledAt, timeZone)}: ${lastError.message}`],
  ];
  const shown = facts.filter(([, value]) => value !== '').map(([name, value]) => line(name, value));
  return [...shown, ...nextLines(schedule), ...('runs' in schedule ? runLines(schedule) : [])];
}

/** When it starts something next, in its own time zone. */
export function nextLines({ paused, nextTimes, timeZone }: Schedule): string[] {
  if (nextTimes === null) return [line('next', 'not known: Temporal does not answer')];
  if (nextTimes.length === 0) return [line('next', 'never again')];
  const title = paused ? 'if resumed' : 'next';
  return nextTimes.map((at, index) =>
    line(index === 0 ? title : '', `${timeIn(at, timeZone)} (${timeZone})`),
  );
}

function runLines({ runs, timeZone }: ScheduleDetail): string[] {
  if (runs.length === 0) return [line('runs', 'none yet')];
  return runs.map(({ id, state, scheduledAt, costUsd }, index) => {
    const at = scheduledAt === null ? '' : `${timeIn(scheduledAt, timeZone)}  `;
    return line(index === 0 ? 'runs' : '', `${at}${id}  ${state}, ${usd(costUsd)}`);
  });
}

function line(name: string, value: string): string {
  return `${name.padEnd(NAME_WIDTH)} ${value}`;
}
