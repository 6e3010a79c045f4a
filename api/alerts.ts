import { createRoute, z } from '@hono/zod-openapi';
import { ALERT_STATES, ALERT_TYPES, type Alert } from '../domain/alerts/alert.ts';
import { SEVERITIES } from '../domain/alerts/notice.ts';
import { AppError } from '../domain/errors.ts';
import { given } from '../domain/given.ts';
import { alertDetailSchema, alertSchema, toApiAlert, toApiAlertDetail } from './alert-view.ts';
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

const tags = ['Alerts'];
const MAX_DELIVERIES = 200;
const MAX_SNOOZE_MINUTES = 30 * 24 * 60;
const note = z.string().trim().min(1).max(1000).optional();
const detail = jsonAnswer(alertDetailSchema, 'The alert, its history and its deliveries.');

const list = createRoute({
  method: 'get',
  path: '/alerts',
  tags,
  summary: 'What people should know: thresholds, breakers, runs that need somebody; the newest first',
  request: {
    query: pageQuery.extend({
      state: z.enum(ALERT_STATES).optional(),
      type: z.enum(ALERT_TYPES).optional(),
      severity: z.enum(SEVERITIES).optional(),
      budget: z.string().min(1).max(200).optional(),
      run: z.string().min(1).max(200).optional(),
    }),
  },
  responses: {
    200: jsonAnswer(z.object({ alerts: z.array(alertSchema), ...pageFields }), 'A page of alerts.'),
    ...errors(),
  },
});

const get = createRoute({
  method: 'get',
  path: '/alerts/{id}',
  tags,
  summary: 'One alert: who has done what about it, and whom it has reached',
  request: { params: idParam },
  responses: { 200: detail, ...errors(404) },
});

const acknowledge = createRoute({
  method: 'post',
  path: '/alerts/{id}/acknowledge',
  tags,
  summary: 'Somebody has taken note: nobody is told of it again, but of its end',
  middleware: requires('operator'),
  request: {
    params: idParam,
    body: { required: false, content: { 'application/json': { schema: z.strictObject({ note }) } } },
  },
  responses: { 200: detail, ...errors(403, 404, 409) },
});

const snooze = createRoute({
  method: 'post',
  path: '/alerts/{id}/snooze',
  tags,
  summary: 'Tell nobody of it, or of the like of it, for so long; then again if it is still open',
  middleware: requires('operator'),
  request: {
    params: idParam,
    ...jsonBody(z.strictObject({ minutes: z.number().int().min(1).max(MAX_SNOOZE_MINUTES), note })),
  },
  responses: { 200: detail, ...errors(403, 404, 409) },
});

/** Alerts, and what people do about them. */
export function alertRoutes(deps: ApiDeps) {
  const { alerts, deliveries } = deps.store;

  async function detailOf(org: string, id: string) {
    const alert = await findAlert(deps, org, id);
    return toApiAlertDetail(alert, await deliveries.ofAlert(org, id, MAX_DELIVERIES));
  }

  return router()
    .openapi(list, async (c) => {
      const { limit, cursor, skip, ...of } = c.req.valid('query');
      const request = pageRequest({ limit, cursor, skip });
      const page = await alerts.list(c.var.principal.org, given(of), request);
      return c.json({ alerts: page.rows.map(toApiAlert), ...toPageFields(page) }, 200);
    })
    .openapi(get, async (c) => c.json(await detailOf(c.var.principal.org, c.req.valid('param').id), 200))
    .openapi(acknowledge, async (c) => {
      const { org, id: by } = c.var.principal;
      const { id } = c.req.valid('param');
      await findAlert(deps, org, id);
      // Without a body there is nothing to validate.
      const { note: words } = c.req.valid('json') ?? {};
      const done = await alerts.acknowledge(org, id, { at: new Date(), by, ...(words && { note: words }) });
      if (!done) throw resolved();
      return c.json(await detailOf(org, id), 200);
    })
    .openapi(snooze, async (c) => {
      const { org, id: by } = c.var.principal;
      const { id } = c.req.valid('param');
      const { state } = await findAlert(deps, org, id);
      const { minutes, note: words } = c.req.valid('json');
      const at = new Date();
      const until = new Date(at.getTime() + minutes * 60_000);
      if (!(await alerts.snooze(org, id, until, { at, by, ...(words && { note: words }) })))
        throw state === 'acknowledged'
          ? new AppError('conflict', 'the alert is acknowledged: nobody is told of it again')
          : resolved();
      return c.json(await detailOf(org, id), 200);
    });
}

async function findAlert(deps: ApiDeps, org: string, id: string): Promise<Alert> {
  const alert = await deps.store.alerts.find(org, id);
  if (alert === undefined) throw new AppError('not_found', `there is no alert ${id}`);
  return alert;
}

function resolved(): AppError {
  return new AppError('conflict', 'the alert is resolved: there is nothing left to do');
}
