import { hc } from 'hono/client';
import type { ApiResources } from '../../api/resources.ts';
import type { Overlap } from '../../domain/schedules/schedule.ts';
import { bodyOf } from './answer.ts';

/** What is started again and again. */
export function scheduleMethods(base: string, options: Parameters<typeof hc>[1]) {
  const { schedules } = hc<ApiResources['schedules']>(base, options);
  const one = schedules[':id'];
  return {
    schedules: (query: Record<string, string>) => bodyOf(schedules.$get({ query })),
    schedule: (id: string) => bodyOf(one.$get({ param: { id } })),
    createSchedule: (json: NewSchedule) => bodyOf(schedules.$post({ json, header: {} })),
    pauseSchedule: (id: string, json: { note?: string }) => bodyOf(one.pause.$post({ param: { id }, json })),
    resumeSchedule: (id: string, json: { note?: string }) =>
      bodyOf(one.resume.$post({ param: { id }, json })),
    triggerSchedule: (id: string, json: { overlap?: Overlap }) =>
      bodyOf(one.trigger.$post({ param: { id }, json })),
    backfillSchedule: (id: string, json: Backfill) => bodyOf(one.backfill.$post({ param: { id }, json })),
    async deleteSchedule(id: string) {
      await one.$delete({ param: { id } });
    },
  };
}

type SchedulesApi = ReturnType<typeof hc<ApiResources['schedules']>>['schedules'];
type Methods = ReturnType<typeof scheduleMethods>;
type Backfill = Parameters<SchedulesApi[':id']['backfill']['$post']>[0]['json'];
export type NewSchedule = Parameters<SchedulesApi['$post']>[0]['json'];
export type Schedule = Awaited<ReturnType<Methods['createSchedule']>>;
export type ScheduleDetail = Awaited<ReturnType<Methods['schedule']>>;
