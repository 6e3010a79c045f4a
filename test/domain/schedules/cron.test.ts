import { cronExpressions, cronProblem } from '../../../domain/schedules/cron.ts';
import {
  meantTime,
  type ScheduleTerms,
  scheduleProblems,
  spelledZone,
} from '../../../domain/schedules/schedule.ts';

test.each([
  ['30 2 * * *', ['30 2 * * *']],
  [' */15  8-18 * * mon-fri ', ['0,15,30,45 8,9,10,11,12,13,14,15,16,17,18 * * 1,2,3,4,5']],
  ['0 0 1 jan,JUL *', ['0 0 1 1,7 *']],
  // Sunday has two numbers.
  ['0 6 * * 0,7', ['0 6 * * 0']],
  ['0 6 * * 5-7', ['0 6 * * 0,5,6']],
  ['5/20 0 * * *', ['5,25,45 0 * * *']],
  ['0 0 29 2 *', ['0 0 29 2 *']],
])('%s is taken as %j', (cron, expressions) => {
  expect(cronProblem(cron)).toBeUndefined();
  expect(cronExpressions(cron)).toEqual(expressions);
});

test('where both days are restricted either of them counts, as everywhere in cron', () => {
  expect(cronExpressions('0 6 13 * fri')).toEqual(['0 6 13 * *', '0 6 * * 5']);
});

test.each([
  ['30 2 * *', /^has 4 fields; five fields are wanted/],
  ['0 30 2 * * *', /^has 6 fields/],
  ['', /^has 0 fields/],
  ['@daily', /^@daily is a short form that is not known here/],
  ['60 * * * *', /^minute: '60' is not from 0 to 59$/],
  ['* 24 * * *', /^hour: '24'/],
  ['* * 0 * *', /^day of the month: '0' is not from 1 to 31$/],
  ['* * * 13 *', /^month: '13' is not from 1 to 12 or jan, feb, …$/],
  ['* * * * 8', /^day of the week: '8' is not from 0 to 7 or sun, mon, …$/],
  ['* * * * fri-mon', /^day of the week: 'fri-mon' ends before it begins$/],
  ['*/0 * * * *', /^minute: '\/0' is not a step/],
  ['* * L * *', /^day of the month: 'L' is not/],
  ['*-5 * * * *', /^minute: '\*-5' is none of/],
  ['1,,2 * * * *', /^minute: '' is none of/],
  ['1.5 * * * *', /^minute: '1.5' is none of/],
  ['0 0 31 feb,apr *', /^names days that no month has/],
])('%j is refused, and it is said why', (cron, problem) => {
  expect(cronProblem(cron)).toMatch(problem);
});

const NOW = new Date('2026-01-01T00:00:00Z');
const terms = (given: Partial<ScheduleTerms>) => ({ cron: '0 6 * * *', timeZone: 'Europe/Berlin', ...given });

test('problems name their fields, all at once', () => {
  const fields = (given: Partial<ScheduleTerms>) =>
    scheduleProblems(terms(given), NOW).map(({ field }) => field);
  expect(fields({})).toEqual([]);
  expect(fields({ cron: 'x', timeZone: 'Mars/Base', endAt: NOW })).toEqual(['cron', 'timeZone', 'endAt']);
  const [startAt, endAt] = [new Date('2026-03-01'), new Date('2026-02-01')];
  expect(fields({ startAt, endAt })).toEqual(['endAt']);
  expect(fields({ startAt: endAt, endAt: startAt })).toEqual([]);
  expect(fields({ timeZone: '+02:00' })).toEqual(['timeZone']);
});

test.each([
  ['0 3 * * *', '2025-01-01T02:29:12.345Z', '2025-01-01T02:00:00.000Z'],
  ['0 3 * * *', '2025-01-01T02:00:00.000Z', '2025-01-01T02:00:00.000Z'],
  // Either day, and the hour that comes twice.
  ['0 3 13 * wed', '2025-01-01T02:59:59.999Z', '2025-01-01T02:00:00.000Z'],
  ['15 * * * *', '2098-10-26T01:10:00.000Z', '2098-10-26T00:15:00.000Z'],
])('a start at %s that was put off to %s was meant for %s', (cron, at, meant) => {
  const when = { cron, timeZone: 'Europe/Berlin', jitterSeconds: 3_600 };
  expect(meantTime(when, new Date(at)).toISOString()).toBe(meant);
});

test('time zones are spelled as their list does', () => {
  expect(['europe/berlin', 'utc', 'US/Pacific'].map(spelledZone)).toEqual([
    'Europe/Berlin',
    'UTC',
    'US/Pacific',
  ]);
});
