import type { ScheduleDetail } from '../../cli/client/schedules.ts';
import {
  backfillSpan,
  checkScheduleOptions,
  type NewScheduleOptions,
  newScheduleOf,
} from '../../cli/schedule-options.ts';
import { nextLines, scheduleLines, scheduleTable, timeIn } from '../../cli/show/schedules.ts';
import { createStyle } from '../../cli/show/style.ts';

const NOW = new Date('2026-04-01T10:00:00Z');
const options = (given: Partial<NewScheduleOptions>): NewScheduleOptions => ({
  cron: '30 2 * * *',
  kind: 'documentation',
  ...given,
});

test('what is asked for is what POST /schedules takes', () => {
  const given = options({ project: 'shop', select: ['tag:x'], maxCost: 2, catchup: 60, until: 'E' });
  expect(newScheduleOf('nightly', given, { projectId: 'prj_1' })).toEqual({
    name: 'nightly',
    kind: 'documentation',
    input: { projectId: 'prj_1', select: ['tag:x'] },
    options: { maxCostUsd: 2 },
    scope: {},
    cron: '30 2 * * *',
    catchupWindowSeconds: 60,
    endAt: 'E',
  });
  const own = options({ kind: 'intelligence', input: 'x.json', timeZone: 'UTC' });
  expect(newScheduleOf('watch', own, { companyId: 'c' })).toMatchObject({
    kind: 'intelligence',
    input: { companyId: 'c' },
    timeZone: 'UTC',
  });
});

test.each([
  [{}, /say what is to be run/],
  [{ project: 'a', input: 'b' }, /say what is to be run/],
  [{ project: 'a', kind: 'intelligence' }, /--project belongs to the kind documentation/],
  [{ input: 'a', layers: [] }, /--select and --layers belong to --project/],
])('%j cannot be right', (given, problem) => {
  expect(() => checkScheduleOptions(options(given))).toThrow(problem);
});

test('days of a backfill are those of the schedule, the last one included, and today ends now', () => {
  expect(backfillSpan('2026-03-28', '2026-03-29', 'Europe/Berlin', NOW)).toEqual({
    start: '2026-03-27T23:00:00.000Z',
    end: '2026-03-29T21:59:59.999Z',
  });
  expect(backfillSpan('2026-04-01T00:00Z', '2026-04-01', 'UTC', NOW).end).toBe(NOW.toISOString());
  expect(() => backfillSpan('monday', '2026-04-01', 'UTC', NOW)).toThrow('--from monday is neither a day');
});

const SHOWN: ScheduleDetail = {
  id: 'sch_1',
  name: 'nightly',
  kind: 'documentation',
  input: {},
  options: {},
  scope: {},
  cron: '30 2 * * *',
  timeZone: 'Europe/Berlin',
  overlap: 'skip',
  catchupWindowSeconds: 3600,
  jitterSeconds: null,
  startAt: null,
  endAt: null,
  paused: false,
  note: null,
  nextTimes: ['2026-03-28T01:30:00.000Z', '2026-03-30T00:30:00.000Z'],
  lastError: null,
  createdBy: { id: 'key_1' },
  createdAt: NOW.toISOString(),
  updatedAt: NOW.toISOString(),
  runs: [],
};

test("times are shown as clocks in the schedule's time zone show them", () => {
  expect(timeIn('2026-03-30T00:30:00Z', 'Europe/Berlin')).toBe('Mon 2026-03-30 02:30');
  expect(scheduleLines(SHOWN)).toEqual([
    'schedule  sch_1, nightly',
    'starts    a run of the kind documentation, at 30 2 * * * (Europe/Berlin)',
    'overlap   skip',
    'next      Sat 2026-03-28 02:30 (Europe/Berlin)',
    '          Mon 2026-03-30 02:30 (Europe/Berlin)',
    'runs      none yet',
  ]);
  expect(nextLines({ ...SHOWN, paused: true })[0]).toMatch(/^if resumed/);
  expect(nextLines({ ...SHOWN, nextTimes: [] })).toEqual(['next      never again']);
  expect(nextLines({ ...SHOWN, nextTimes: null })[0]).toContain('Temporal does not answer');
  const table = scheduleTable([SHOWN, { ...SHOWN, paused: true }], createStyle(false)).join('\n');
  expect(table).toMatch(/Sat 2026-03-28 02:30\s*\n.*paused/);
});
