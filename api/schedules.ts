import { createRoute, z } from '@hono/zod-openapi';
import { requires } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import {
  errors,
  idParam,
  jsonAnswer,
  jsonBody,
  pageFields,
  pageQuery,
  pageRequest,
  router,
  toPageFields,
} from './http.ts';
import { idempotencyHeader } from './runs.ts';
import {
  backfillSchedule,
  createSchedule,
  deleteSchedule,
  editSchedule,
  findSchedule,
  setPaused,
  triggerSchedule,
} from './schedule-changes.ts';
import {
  backfilledSchema,
  backfillSchema,
  newScheduleSchema,
  noteSchema,
  scheduleDetailSchema,
  scheduleEditSchema,
  scheduleSchema,
  triggerSchema,
} from './schedule-schemas.ts';
import { toApiSchedule, toApiScheduleDetail } from './schedule-view.ts';

const tags = ['Schedules'];
const optionalBody = <T extends z.ZodType>(schema: T) => ({
  body: { required: false, content: { 'application/json': { schema } } },
});

const list = createRoute({
  method: 'get',
  path: '/schedules',
  tags,
  summary: 'List schedules, the newest first, with their next times',
  request: { query: pageQuery },
  responses: {
    200: jsonAnswer(z.object({ schedules: z.array(scheduleSchema), ...pageFields }), 'A page of schedules.'),
    ...errors(),
  },
});

const post = createRoute({
  method: 'post',
  path: '/schedules',
  tags,
  summary: 'Start a run again and again, at the times of a cron expression in a time zone',
  middleware: requires('operator'),
  request: { ...jsonBody(newScheduleSchema), headers: idempotencyHeader },
  responses: { 201: jsonAnswer(scheduleSchema, 'The new schedule.'), ...errors(403, 404, 409, 503) },
});

const get = createRoute({
  method: 'get',
  path: '/schedules/{id}',
  tags,
  summary: 'Show a schedule with its next times and last runs',
  request: { params: idParam },
  responses: { 200: jsonAnswer(scheduleDetailSchema, 'The schedule.'), ...errors(404) },
});

const patch = createRoute({
  method: 'patch',
  path: '/schedules/{id}',
  tags,
  summary: 'Change a schedule; what is left out stays. Runs that it has made stay as they are',
  middleware: requires('operator'),
  request: { params: idParam, ...jsonBody(scheduleEditSchema) },
  responses: {
    200: jsonAnswer(scheduleSchema, 'The schedule as it is now.'),
    ...errors(403, 404, 409, 503),
  },
});

const remove = createRoute({
  method: 'delete',
  path: '/schedules/{id}',
  tags,
  summary: 'Delete a schedule; its runs stay, and go on',
  middleware: requires('operator'),
  request: { params: idParam },
  responses: { 204: { description: 'Deleted.' }, ...errors(403, 404) },
});

function hold(name: 'pause' | 'resume', summary: string) {
  return createRoute({
    method: 'post',
    path: `/schedules/{id}/${name}` as `/schedules/{id}/${typeof name}`,
    tags,
    summary,
    middleware: requires('operator'),
    request: { params: idParam, ...optionalBody(noteSchema) },
    responses: { 200: jsonAnswer(scheduleSchema, 'The schedule as it is now.'), ...errors(403, 404, 503) },
  });
}

const trigger = createRoute({
  method: 'post',
  path: '/schedules/{id}/trigger',
  tags,
  summary: 'Start its run now, also while it is paused; twice within a second is once',
  middleware: requires('operator'),
  request: { params: idParam, ...optionalBody(triggerSchema) },
  responses: {
    202: jsonAnswer(scheduleSchema, 'The run will be there in a moment.'),
    ...errors(403, 404, 409, 503),
  },
});

const backfill = createRoute({
  method: 'post',
  path: '/schedules/{id}/backfill',
  tags,
  summary: 'Make up for the times between two moments; a time that has its run already gets no other',
  middleware: requires('operator'),
  request: { params: idParam, ...jsonBody(backfillSchema) },
  responses: {
    202: jsonAnswer(backfilledSchema, 'The times, and the runs that belong to them.'),
    ...errors(403, 404, 503),
  },
});

/** What is started again and again. */
export function scheduleRoutes(deps: ApiDeps) {
  return router()
    .openapi(list, async (c) => {
      const page = await deps.store.schedules.list(c.var.principal.org, pageRequest(c.req.valid('query')));
      const schedules = await Promise.all(page.rows.map((schedule) => toApiSchedule(deps, schedule)));
      return c.json({ schedules, ...toPageFields(page) }, 200);
    })
    .openapi(post, async (c) => {
      const key = c.req.valid('header')['idempotency-key'];
      const schedule = await createSchedule(deps, c.var.principal, c.req.valid('json'), key);
      c.header('Location', `/api/v1/schedules/${schedule._id}`);
      return c.json(await toApiSchedule(deps, schedule), 201);
    })
    .openapi(get, async (c) => {
      const schedule = await findSchedule(deps, c.var.principal.org, c.req.valid('param').id);
      return c.json(await toApiScheduleDetail(deps, schedule), 200);
    })
    .openapi(patch, async (c) => {
      const { id } = c.req.valid('param');
      const schedule = await editSchedule(deps, c.var.principal.org, id, c.req.valid('json'));
      return c.json(await toApiSchedule(deps, schedule), 200);
    })
    .openapi(remove, async (c) => {
      await deleteSchedule(deps, c.var.principal.org, c.req.valid('param').id);
      return c.body(null, 204);
    })
    .openapi(hold('pause', 'Start nothing from now on, but what is asked for'), async (c) => {
      const { note } = c.req.valid('json') ?? {};
      const schedule = await setPaused(deps, c.var.principal.org, c.req.valid('param').id, true, note);
      return c.json(await toApiSchedule(deps, schedule), 200);
    })
    .openapi(hold('resume', 'Start runs again at the next time'), async (c) => {
      const { note } = c.req.valid('json') ?? {};
      const schedule = await setPaused(deps, c.var.principal.org, c.req.valid('param').id, false, note);
      return c.json(await toApiSchedule(deps, schedule), 200);
    })
    .openapi(trigger, async (c) => {
      const { overlap } = c.req.valid('json') ?? {};
      const { org } = c.var.principal;
      const schedule = await triggerSchedule(deps, org, c.req.valid('param').id, overlap);
      return c.json(await toApiSchedule(deps, schedule), 202);
    })
    .openapi(backfill, async (c) => {
      const { org } = c.var.principal;
      const times = await backfillSchedule(deps, org, c.req.valid('param').id, c.req.valid('json'));
      return c.json({ times }, 202);
    });
}
