import { createRoute, z } from '@hono/zod-openapi';
import { type Block, type Subject, snapshotIdOf, subjectKeyOf } from '../domain/company.ts';
import { AppError } from '../domain/errors.ts';
import type { FrozenInput } from '../kinds/intelligence/input.ts';
import { readItemKey } from '../kinds/intelligence/plan.ts';
import { standardBlocks } from '../kinds/intelligence/read/blocks.ts';
import { type Report, type ReportPart, reportHtml, reportMarkdown } from '../kinds/intelligence/report.ts';
import type { RunItem } from '../store/run-items.ts';
import type { Run } from '../store/run-record.ts';
import type { ApiDeps } from './deps.ts';
import { errors, idParam, jsonAnswer, router } from './http.ts';
import { findRun } from './run-control.ts';

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
    ...errors(404),
  },
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
    ...errors(),
  },
});

/** What intelligence runs ask and have found. */
export function intelligenceRoutes(deps: ApiDeps) {
  return router()
    .openapi(report, async (c) => {
      const { org } = c.var.principal;
      const run = await findRun(deps, org, c.req.valid('param').id);
      if (run.kind !== 'intelligence')
        throw new AppError('not_found', `run ${run._id} is of kind ${run.kind}, which has no such report`);
      const whole = await reportOf(deps, run);
      if (c.req.valid('query').format === 'html') return c.html(reportHtml(whole), 200);
      return c.text(reportMarkdown(whole), 200, { 'content-type': 'text/markdown; charset=utf-8' });
    })
    .openapi(blocks, async (c) => c.json(standardBlocks(), 200));
}

async function reportOf(deps: ApiDeps, run: Run): Promise<Report> {
  const input = run.input as FrozenInput;
  const ids = [input.companyId, ...(input.compareId === undefined ? [] : [input.compareId])];
  const items = await itemsByKey(deps, run);
  const parts: ReportPart[] = [];
  for (const id of ids) {
    const company = await deps.store.companies.find(run.org, id);
    parts.push({
      heading: company?.name ?? 'A company that is forgotten',
      about: company?.description ?? '',
      blocks: await Promise.all(input.blocks.map((block) => answerTo(deps, run, items, block, id))),
      sources: await deps.store.companySources.outlines(run.org, id),
    });
  }
  if (input.comparison.length > 0)
    parts.push({
      heading: `${parts[0]?.heading} and ${parts[1]?.heading}`,
      about: comparedAs(parts, ids),
      blocks: await Promise.all(input.comparison.map((block) => answerTo(deps, run, items, block))),
      sources: [],
    });
  const title = parts
    .map(({ heading }) => heading)
    .slice(0, 2)
    .join(' and ');
  return { title, at: run.endedAt ?? new Date(), parts };
}

/** Citations of a comparison carry the letter of their company. */
function comparedAs(parts: ReportPart[], ids: string[]): string {
  const [first] = [...ids].sort();
  const [a, b] = first === ids[0] ? [parts[0], parts[1]] : [parts[1], parts[0]];
  return `A is ${a?.heading}, B is ${b?.heading}.`;
}

async function itemsByKey(deps: ApiDeps, run: Run): Promise<Map<string, RunItem>> {
  const items = new Map<string, RunItem>();
  for (let skip = 0; ; ) {
    const page = await deps.store.runItems.list(run.org, run._id, undefined, { limit: 100, skip });
    for (const item of page.rows) items.set(item.key, item);
    skip += page.rows.length;
    if (page.rows.length === 0 || skip >= page.total) return items;
  }
}

/** What the run has found itself, or the answer that it took over: the newest by then. */
async function answerTo(
  deps: ApiDeps,
  run: Run,
  items: ReadonlyMap<string, RunItem>,
  block: Block,
  company?: string,
) {
  const key = `${company ?? ''}:${block.id}`;
  const item = items.get(key);
  const { title } = block;
  if (item?.state !== 'done' && item?.state !== 'reused')
    return { title, missing: item?.failure?.message ?? 'it has not had its turn' };
  const { snapshots } = deps.store;
  const { companyId, compareId = '' } = run.input as FrozenInput;
  const both: Subject = { company: companyId, beside: compareId };
  const subject = subjectKeyOf(readItemKey(key).company === undefined ? both : { company: company ?? '' });
  const snapshot =
    item.state === 'done'
      ? await snapshots.find(run.org, snapshotIdOf(run._id, item.seq))
      : await snapshots.newest(run.org, subject, block.id, item.endedAt ?? new Date());
  return snapshot === undefined
    ? { title, missing: 'its answer was removed' }
    : { title, text: snapshot.text };
}
