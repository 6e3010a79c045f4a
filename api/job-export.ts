import { createRoute, z } from '@hono/zod-openapi';
import { given } from '../domain/given.ts';
import { FOCUS_VERSIONS } from '../domain/jobs/focus-row.ts';
import { EXPORT_FORMATS, type ExportFormat } from '../domain/jobs/formats.ts';
import { JOB_STATUSES } from '../domain/jobs/job.ts';
import { ARCHIVED_DAYS_HINT, tellArchivedDays } from './archived-days.ts';
import { daysInOrder, daysShape } from './cost-view.ts';
import type { ApiDeps } from './deps.ts';
import { EXPORT_ENDINGS, EXPORT_TYPES, exportOf } from './export-formats.ts';
import { errors, router } from './http.ts';
import { streamOf } from './stream-of.ts';

const get = createRoute({
  method: 'get',
  path: '/jobs/export',
  tags: ['Jobs'],
  summary: 'Jobs that ran elsewhere as a file; what was exported comes in again unchanged',
  description:
    'Of the jobs that count on these days, the newest days first. Streamed: a transfer that breaks off ' +
    `is no whole file. ${ARCHIVED_DAYS_HINT}`,
  request: {
    query: z
      .strictObject({
        format: z.enum(EXPORT_FORMATS).default('csv'),
        ...daysShape,
        team_id: z.string().max(100).optional(),
        team_name: z.string().max(200).optional(),
        status: z.enum(JOB_STATUSES).optional(),
        provider: z.string().max(200).toLowerCase().optional(),
        focus_version: z.enum(FOCUS_VERSIONS).optional().openapi({ description: 'Of FOCUS; else 1.2.' }),
      })
      .superRefine(daysInOrder)
      .superRefine(({ format, focus_version: version }, context) => {
        if (version === undefined || format === 'focus') return;
        const message = `belongs to format=focus, not to ${format}`;
        context.addIssue({ code: 'custom', path: ['focus_version'], message });
      }),
  },
  responses: {
    200: {
      description: 'The file.',
      content: Object.fromEntries(
        Object.values(EXPORT_TYPES).map((type) => [type, { schema: z.string() }]),
      ) as Record<(typeof EXPORT_TYPES)[ExportFormat], { schema: z.ZodString }>,
    },
    ...errors(),
  },
});

/** Jobs to take away, in the forms that people use. */
export function jobExportRoutes(deps: ApiDeps) {
  const { store } = deps;
  return router().openapi(get, async (c) => {
    const { org } = c.var.principal;
    const { format, start, end, team_id: teamId, team_name: named, ...rest } = c.req.valid('query');
    const { focus_version: version = '1.2', ...filter } = rest;
    const team = teamId === undefined ? named : (await store.teams.find(org, teamId))?.name;
    const isNobodys = teamId !== undefined && team === undefined;
    const jobs = isNobodys ? noJobs() : store.jobs.each(org, given({ ...filter, start, end, team }));
    const selected = Object.entries(given({ team, ...filter })).map(([name, value]) => `${name} ${value}`);
    const selection = selected.join(', ') || 'all jobs';
    const teamIdOf = deps.store.teams.idOf;
    const chunks = exportOf({ format, version, org, start, end, selection, teamIdOf }, jobs);
    const body = await streamOf(c, deps.logger, chunks);
    await tellArchivedDays(c, store, org, { start, end });
    const name = `jobs-${start}-to-${end}.${EXPORT_ENDINGS[format]}`;
    return c.body(body, 200, {
      'content-type': EXPORT_TYPES[format],
      'content-disposition': `attachment; filename="${name}"`,
    }) as never;
  });
}

async function* noJobs() {}
