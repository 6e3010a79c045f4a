import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { AppError } from '../domain/errors.ts';
import { standardBlocks } from '../kinds/intelligence/read/blocks.ts';
import { type Report, reportHtml, reportMarkdown } from '../kinds/intelligence/report.ts';
import type { ApiDeps } from './deps.ts';
import { errors, errorsWithoutInput, idParam, jsonAnswer, router } from './http.ts';
import { companyReport, reportOf } from './intelligence-report.ts';
import { findRunInFull } from './run-control.ts';

const tags = ['Intelligence'];

const report = createRoute({
  method: 'get',
  path: '/intelligence/reports/{id}',
  tags,
  summary: 'The answers of an intelligence run as one document; what is missing says why',
  request: {
    params: idParam,
    query: z.strictObject({ format: z.enum(['markdown', 'html']).default('markdown') }),
  },
  responses: {
    200: {
      description: 'The report, also of a run that is not over yet.',
      content: { 'text/markdown': { schema: z.string() }, 'text/html': { schema: z.string() } },
    },
    ...errors(404, 409),
  },
});

const ofCompany = createRoute({
  method: 'get',
  path: '/companies/{id}/report',
  tags,
  summary: 'The newest answer to each block about a company, whichever run has found it',
  request: report.request,
  responses: { 200: report.responses[200], ...errors(404) },
});

const blockSchema = z
  .object({
    id: z.string(),
    title: z.string(),
    question: z.string(),
    lookFor: z.array(z.string()),
    after: z.array(z.string()),
    maxOutputTokens: z.number().int(),
  })
  .openapi('Block');

const blocks = createRoute({
  method: 'get',
  path: '/intelligence/blocks',
  tags,
  summary: 'The blocks of runs that bring none of their own',
  responses: {
    200: jsonAnswer(
      z.object({ blocks: z.array(blockSchema), comparison: z.array(blockSchema) }),
      'For each company, and for two beside each other.',
    ),
    ...errorsWithoutInput(),
  },
});

/** What intelligence runs ask and have found. */
export function intelligenceRoutes(deps: ApiDeps) {
  return router()
    .openapi(report, async (c) => {
      const { org } = c.var.principal;
      const run = await findRunInFull(deps, org, c.req.valid('param').id);
      if (run.kind !== 'intelligence')
        throw new AppError('not_found', `run ${run._id} is of kind ${run.kind}, which has no such report`);
      return send(c, await reportOf(deps, run), c.req.valid('query').format);
    })
    .openapi(ofCompany, async (c) => {
      const whole = await companyReport(deps, c.var.principal.org, c.req.valid('param').id);
      return send(c, whole, c.req.valid('query').format);
    })
    .openapi(blocks, async (c) => c.json(standardBlocks(), 200));
}

function send(c: Context, report: Report, format: 'markdown' | 'html') {
  if (format === 'html') return c.html(reportHtml(report), 200);
  return c.text(reportMarkdown(report), 200, { 'content-type': 'text/markdown; charset=utf-8' });
}
