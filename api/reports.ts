import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { accepts } from 'hono/accepts';
import { invalidInput } from '../domain/errors.ts';
import { assembleReport } from '../domain/report/assemble.ts';
import { daysIn, firstOfMonth } from '../domain/report/period.ts';
import { REPORT_FORMATS, REPORT_TYPES, type ReportFormat, renderReport } from '../domain/report/render.ts';
import type { ReportPeriod } from '../domain/report/report.ts';
import { day } from './cost-view.ts';
import type { ApiDeps } from './deps.ts';
import { errors, router } from './http.ts';
import { reportSchema } from './report-view.ts';

/** A leap year. */
const MOST_DAYS = 366;
/** The page has its own style and nothing else; no other host is asked for anything. */
const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'";

const text = { schema: z.string() };

const get = createRoute({
  method: 'get',
  path: '/reports',
  tags: ['Costs'],
  summary: 'What was spent in a period, on what, against which budgets, and what follows from that',
  request: {
    query: z.strictObject({
      start: day
        .optional()
        .openapi({ description: "The first day; left out, the first of the end's month." }),
      end: day.optional().openapi({
        description: 'The last day, inclusive; left out, today. At most 366 days in all.',
        example: '2025-01-31',
      }),
      format: z.enum(REPORT_FORMATS).optional().openapi({
        description: 'Left out, what the Accept header asks for, else JSON.',
      }),
    }),
  },
  responses: {
    200: {
      description: 'As of now. Every breakdown adds up to totalSpend, to the nano-dollar.',
      content: {
        'application/json': { schema: reportSchema },
        'text/markdown': text,
        'text/html': text,
        'text/csv': text,
      },
    },
    ...errors(),
  },
});

/** Reports of what an organization has spent. */
export function reportRoutes(deps: ApiDeps) {
  return router().openapi(get, async (c) => {
    const { org } = c.var.principal;
    const { format = acceptedFormat(c), ...named } = c.req.valid('query');
    const at = new Date();
    const period = periodOf(named, await deps.store.dayOf(org, at));
    const report = assembleReport(await deps.store.reportFacts(org, period, at));
    if (format === 'json') return c.json(report, 200);
    if (format === 'html') c.header('content-security-policy', PAGE_POLICY);
    if (format === 'csv') c.header('content-disposition', `attachment; filename="${nameOf(period)}.csv"`);
    return c.body(renderReport(report, format), 200, { 'content-type': REPORT_TYPES[format] }) as never;
  });
}

function acceptedFormat(c: Context): ReportFormat {
  const typeOf = (format: ReportFormat) => REPORT_TYPES[format].split(';')[0] ?? '';
  const supports = REPORT_FORMATS.map(typeOf);
  const type = accepts(c, { header: 'Accept', supports, default: typeOf('json') });
  return REPORT_FORMATS.find((format) => typeOf(format) === type) ?? 'json';
}

/** @throws AppError `invalid_input` for days of which there can be no report. */
function periodOf(
  { start, end }: { start?: string | undefined; end?: string | undefined },
  today: string,
): ReportPeriod {
  const last = end ?? today;
  const period = { start: start ?? firstOfMonth(last), end: last };
  const wrong = (field: string, problem: string) => invalidInput(`${field} ${problem}`, [{ field, problem }]);
  if (period.start > today)
    throw wrong(start === undefined ? 'end' : 'start', `lies in the future: today is ${today}`);
  if (period.end < period.start) throw wrong('end', `lies before start, which is ${period.start}`);
  if (daysIn(period) > MOST_DAYS) throw wrong('end', `must be at most ${MOST_DAYS} days after start`);
  return period;
}

function nameOf({ start, end }: ReportPeriod): string {
  return `spend-${start}-to-${end}`;
}
