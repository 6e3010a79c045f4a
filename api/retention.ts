import { createRoute, z } from '@hono/zod-openapi';
import { AppError } from '../domain/errors.ts';
import { given } from '../domain/given.ts';
import type { Principal } from '../domain/principal.ts';
import { RETAINED } from '../domain/retention.ts';
import type { Archive } from '../store/archives.ts';
import { requires } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import {
  errors,
  errorsWithoutInput,
  idParam,
  jsonAnswer,
  jsonBody,
  pageFields,
  pageQuery,
  pageRequest,
  router,
  toPageFields,
} from './http.ts';

const tags = ['Retention'];
const collection = z.enum(RETAINED);
const whole = z.number().int();

const statusSchema = z
  .object({
    collection,
    days: whole.nullable().openapi({ description: 'Kept at hand for so long; null: for ever.' }),
    rows: whole.openapi({ description: 'At hand.' }),
    oldest: z.string().nullable().openapi({ description: 'The day or time of the oldest of them.' }),
    due: whole.openapi({
      description: 'Old enough to be archived, up to 10,000: days of jobs, else rows. Some may have to wait.',
    }),
    archives: whole,
    archivedRows: whole,
    archivedBytes: whole.openapi({ description: 'Compressed.' }),
  })
  .openapi('RetentionStatus');

const archiveSchema = z
  .object({
    id: z.string().openapi({ example: 'jobs:2026-01-05' }),
    collection,
    key: z.string().openapi({ description: 'The day of the jobs, or the month of the rows.' }),
    state: z.enum(['archiving', 'archived', 'restoring', 'restored']),
    rows: whole.openapi({ description: 'In the archive.' }),
    bytes: whole,
    at: z.iso.datetime(),
    restoredAt: z.iso.datetime().nullable(),
  })
  .openapi('Archive');

const status = createRoute({
  method: 'get',
  path: '/retention',
  tags,
  summary: 'What is at hand of jobs, alerts and the audit log, and what is archived',
  middleware: requires('admin'),
  responses: {
    200: jsonAnswer(z.object({ collections: z.array(statusSchema) }), 'By collection.'),
    ...errorsWithoutInput(403),
  },
});

const list = createRoute({
  method: 'get',
  path: '/retention/archives',
  tags,
  summary: 'Archives of days of jobs and of months of alerts and the audit log',
  middleware: requires('admin'),
  request: { query: pageQuery.extend({ collection: collection.optional() }) },
  responses: {
    200: jsonAnswer(
      z.object({ archives: z.array(archiveSchema), ...pageFields }),
      'By collection, the newest days and months first.',
    ),
    ...errors(403),
  },
});

const run = createRoute({
  method: 'post',
  path: '/retention/run',
  tags,
  summary: 'Archive now what is older than it is kept; housekeeping does so by itself',
  middleware: requires('admin'),
  request: jsonBody(
    z.strictObject({ collection: collection.optional().openapi({ description: 'Only of this one.' }) }),
  ),
  responses: {
    200: jsonAnswer(
      z.object({ jobs: whole, alerts: whole, audit_log: whole, more: z.boolean() }).openapi('ArchivedRows'),
      'How many rows this call has archived, and whether to call again for more.',
    ),
    ...errors(403),
  },
});

const restore = createRoute({
  method: 'post',
  path: '/retention/archives/{id}/restore',
  tags,
  summary: 'Bring the rows of an archive back; they stay at hand for 30 days at least',
  middleware: requires('admin'),
  request: { params: idParam },
  responses: { 200: jsonAnswer(archiveSchema, 'The archive, which is empty now.'), ...errors(403, 404) },
});

/** Archives of what was kept for long enough. */
export function retentionRoutes({ store, retention }: ApiDeps) {
  const { archives, auditLog } = store;

  async function tell({ org, id: by }: Principal, subject: string, at: Date, details: object): Promise<void> {
    const _id = `retention:${org}:${subject}:${at.getTime()}`;
    const row = { _id, org, budget: '', subject, event: 'retention' as const, by, at };
    await auditLog.add([{ ...row, details: { ...details } }]);
  }

  async function find(org: string, id: string): Promise<Archive> {
    const found = await archives.find(org, `${org}|${id}`);
    if (found === undefined) throw new AppError('not_found', `there is no archive ${id}`);
    return found;
  }

  return router()
    .openapi(status, async (c) => {
      const found = await store.retentionStatus(c.var.principal.org, retention, new Date());
      const collections = found.map(({ of, days, rows, oldest, due, archives: sums }) => ({
        ...{ collection: of, days: days ?? null, rows, oldest: oldest ?? null, due },
        ...{ archives: sums.archives, archivedRows: sums.rows, archivedBytes: sums.bytes },
      }));
      return c.json({ collections }, 200);
    })
    .openapi(list, async (c) => {
      const { collection: of, ...query } = c.req.valid('query');
      const page = await archives.list(c.var.principal.org, of, pageRequest(query));
      return c.json({ archives: page.rows.map(toApiArchive), ...toPageFields(page) }, 200);
    })
    .openapi(run, async (c) => {
      const at = new Date();
      const { collection: of } = c.req.valid('json');
      const days = of === undefined ? retention : given({ [of]: retention[of] });
      const done = await store.archiveOld(days, at, c.var.principal.org);
      await tell(c.var.principal, 'run', at, done);
      return c.json(done, 200);
    })
    .openapi(restore, async (c) => {
      const { org } = c.var.principal;
      const { id } = c.req.valid('param');
      const at = new Date();
      const archive = await find(org, id);
      await store.restoreArchive(archive, at);
      await tell(c.var.principal, id, at, { restoredRows: archive.rows });
      return c.json(toApiArchive(await find(org, id)), 200);
    });
}

function toApiArchive({ _id, org, of, key, state, rows, bytes, at, restoredAt }: Archive) {
  return {
    ...{ id: _id.slice(org.length + 1), collection: of, key, state, rows, bytes },
    ...{ at: at.toISOString(), restoredAt: restoredAt?.toISOString() ?? null },
  };
}
