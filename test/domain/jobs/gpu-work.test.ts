import { gpuPriceAt } from '../../../domain/jobs/gpu-prices.ts';
import { costOfWork, gpuWork, hoursOfWork, workOfHours } from '../../../domain/jobs/gpu-work.ts';

const at = (time: string) => new Date(`2026-01-${time}Z`);
const day = { startMs: at('05T00:00').getTime(), endMs: at('06T00:00').getTime() };
const hours = (...args: Parameters<typeof gpuWork>) => hoursOfWork(gpuWork(...args));

test('of a job counts what lies within the day, times its GPUs', () => {
  const now = at('20T00:00');
  const from = (start: string, end: string, gpuCount?: number) =>
    hours({ startedAt: at(start), endedAt: at(end), ...(gpuCount !== undefined && { gpuCount }) }, day, now);
  expect(from('05T10:00', '05T12:30', 4)).toBe(10);
  expect(from('04T22:00', '05T01:00')).toBe(1);
  expect(from('05T22:00', '09T01:00', 0.5)).toBe(1);
  expect(from('01T00:00', '30T00:00')).toBe(24);
  expect([from('04T00:00', '05T00:00'), from('06T00:00', '07T00:00')]).toEqual([0, 0]);
});

test('a job that runs still counts until now; one that has not begun does not', () => {
  expect(hours({ startedAt: at('05T20:00') }, day, at('05T21:00'))).toBe(1);
  expect(hours({}, day, at('05T21:00'))).toBe(0);
});

test('hours times price is rounded once', () => {
  expect(costOfWork(workOfHours(2.5), 4_096_000_000)).toBe(10_240_000_000);
  expect([costOfWork(workOfHours(0.5), 1), costOfWork(workOfHours(0.4), 1)]).toEqual([1, 0]);
});

test('the newest price that has begun holds; own ones win; of alternatives the dearest counts', () => {
  const aws = { provider: 'aws', gpuType: 'h100' };
  const [old, cut] = ['2025-05-31', '2025-06-01'].map((date) => gpuPriceAt([], aws, new Date(date)) ?? 0);
  expect(Number(cut)).toBeLessThan(Number(old));
  const own = { ...aws, from: '2025-07-01', nanoUsdPerHour: 5 };
  expect(gpuPriceAt([own], aws, new Date('2025-06-30'))).toBe(cut);
  expect(gpuPriceAt([own], aws, new Date('2025-07-01'))).toBe(5);
  const either = { provider: 'aws', gpuType: 'h100|t4' };
  expect(gpuPriceAt([], either, new Date('2025-06-30'))).toBe(cut);
  expect(gpuPriceAt([], { provider: 'aws', gpuType: 'h100|none' }, new Date())).toBeUndefined();
  expect(gpuPriceAt([], { provider: 'elsewhere', gpuType: 'h100' }, new Date())).toBeUndefined();
});
