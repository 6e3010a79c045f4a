import { z } from '@hono/zod-openapi';
import {
  MAX_BACKFILL,
  MAX_CATCHUP_SECONDS,
  MAX_JITTER_SECONDS,
  MIN_CATCHUP_SECONDS,
  NEXT_TIMES,
  OVERLAPS,
  SCHEDULE_DEFAULTS,
} from '../domain/schedules/schedule.ts';
import { newRunSchema, optionsSchema, scopeSchema } from './run-schemas.ts';

const time = z.iso.datetime();
const moment = z.iso.datetime({ offset: true });
const name = z.string().trim().min(1).max(100).openapi({
  description: 'What people call it; an organization has one of a name.',
  example: 'Shop, every Monday',
});
const cron = z.string().min(1).max(200).openapi({
  description:
    'Minute, hour, day of the month, month, day of the week, with *, a-b, */n, lists and names like mon.',
  example: '30 2 * * 1-5',
});
const timeZone = z.string().min(1).max(100).openapi({
  description: "IANA name; left out, the organization's time zone.",
  example: 'Europe/Berlin',
});
const overlap = z.enum(OVERLAPS).openapi({
  description:
    'What happens to a start while the run before is still going, also while that waits for an approval or ' +
    'a budget.',
});
const catchupWindowSeconds = z
  .number()
  .int()
  .min(MIN_CATCHUP_SECONDS)
  .max(MAX_CATCHUP_SECONDS)
  .openapi({ description: 'Starts that were missed by more, while Temporal was away, are left out.' });
const jitterSeconds = z.number().int().min(1).max(MAX_JITTER_SECONDS).openapi({
  description: 'Each start is put off by up to so much, by chance.',
});
const note = z.string().trim().min(1).max(500);

export const newScheduleSchema = newRunSchema
  .omit({ parked: true })
  .extend({
    name,
    cron,
    timeZone: timeZone.optional(),
    overlap: overlap.default(SCHEDULE_DEFAULTS.overlap),
    catchupWindowSeconds: catchupWindowSeconds.default(SCHEDULE_DEFAULTS.catchupWindowSeconds),
    jitterSeconds: jitterSeconds.optional(),
    startAt: moment.optional(),
    endAt: moment.optional(),
    paused: z.boolean().default(false),
    note: note.optional(),
  })
  .openapi('NewSchedule');

/** What is left out stays; null takes away. The kind of its runs stays. */
export const scheduleEditSchema = z
  .strictObject({
    name,
    input: newRunSchema.shape.input,
    options: optionsSchema,
    scope: scopeSchema,
    cron,
    timeZone,
    overlap,
    catchupWindowSeconds,
    jitterSeconds: jitterSeconds.nullable(),
    startAt: moment.nullable(),
    endAt: moment.nullable(),
  })
  .partial()
  .openapi('ScheduleEdit');

export const noteSchema = z.strictObject({ note: note.optional() }).openapi('ScheduleNote');
export const triggerSchema = z
  .strictObject({ overlap: overlap.optional().openapi({ description: "Left out, the schedule's own." }) })
  .openapi('ScheduleTrigger');
export const backfillSchema = z
  .strictObject({
    start: moment,
    end: moment.openapi({
      description: `Both inclusive, neither in the future; at most ${MAX_BACKFILL} times lie between them.`,
    }),
    overlap: overlap.default('buffer_all').openapi({ description: 'By default one after the other.' }),
  })
  .openapi('ScheduleBackfill');

export const scheduleSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    kind: z.string(),
    input: z.record(z.string(), z.unknown()),
    options: z.record(z.string(), z.unknown()),
    scope: z.object({
      team: z.string().optional(),
      queue: z.string().optional(),
      user: z.string().optional(),
    }),
    cron: z.string(),
    timeZone: z.string(),
    overlap: z.enum(OVERLAPS),
    catchupWindowSeconds: z.number().int(),
    jitterSeconds: z.number().int().nullable(),
    startAt: time.nullable(),
    endAt: time.nullable(),
    paused: z.boolean(),
    note: z.string().nullable(),
    nextTimes: z
      .array(time)
      .nullable()
      .openapi({
        description: `At most ${NEXT_TIMES}, as if it were not paused; null where Temporal does not answer.`,
      }),
    lastError: z
      .object({ at: time, scheduledAt: time, code: z.string(), message: z.string() })
      .nullable()
      .openapi({ description: 'Why the last start came to nothing; null once one has gone well.' }),
    createdBy: z.object({ id: z.string(), email: z.string().optional() }),
    createdAt: time,
    updatedAt: time,
  })
  .openapi('Schedule');

const scheduledRun = z.object({
  id: z.string(),
  state: z.string(),
  scheduledAt: time.nullable(),
  createdAt: time,
  endedAt: time.nullable(),
  costUsd: z.number(),
});

export const scheduleDetailSchema = scheduleSchema
  .extend({ runs: z.array(scheduledRun).openapi({ description: 'The last ten, the newest first.' }) })
  .openapi('ScheduleDetail');

export const backfilledSchema = z
  .object({
    times: z
      .array(z.object({ scheduledAt: time, run: z.string() }))
      .openapi({ description: 'The runs are made one after the other; the same time always has the same.' }),
  })
  .openapi('Backfilled');

export type ApiNewSchedule = z.infer<typeof newScheduleSchema>;
export type ApiScheduleEdit = z.infer<typeof scheduleEditSchema>;
export type ApiBackfill = z.infer<typeof backfillSchema>;
export type ApiSchedule = z.infer<typeof scheduleSchema>;
export type ApiScheduleDetail = z.infer<typeof scheduleDetailSchema>;
