import { createRoute, z } from '@hono/zod-openapi';
import type { Scope } from '../domain/budgets/scope.ts';
import { type CostModel, costOfJob, type JobCost } from '../domain/costing/cost-model.ts';
import { invalidInput } from '../domain/errors.ts';
import { toUsd } from '../domain/money.ts';
import { requires } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { errors, jsonAnswer, jsonBody, router } from './http.ts';
import { byName, givenName, metricsOf, metricsShape, pastTime, quantity } from './job-metrics.ts';
import { oneOrMany, withEach } from './one-or-many.ts';

const tags = ['Costs'];
const MAX_JOBS = 1_000;
const BYTES_PER_KB = 1024;
const BYTES_PER_MB = 1024 * 1024;

const jobSchema = z
  .strictObject({
    jobId: givenName,
    queueName: givenName,
    jobType: givenName,
    ...metricsShape,
    priority: z.number().int().min(1).max(10).optional().openapi({ description: 'Has no part in the cost.' }),
    environment: givenName.optional(),
    team: givenName.optional(),
    user: givenName.optional(),
    provider: givenName.optional(),
    model: givenName.optional(),
    startedAt: pastTime.optional(),
    endedAt: pastTime.optional().openapi({ description: 'Dates the cost; now, if left out.' }),
  })
  .refine(({ startedAt, endedAt }) => !(Date.parse(startedAt ?? '') > Date.parse(endedAt ?? '')), {
    path: ['endedAt'],
    message: 'lies before startedAt',
  })
  .openapi('JobMetrics');
type Job = z.infer<typeof jobSchema>;

const costFields = {
  totalCostUsd: z.number(),
  breakdown: z.record(z.string(), z.number()).openapi({ description: 'USD by component.' }),
  modelVersion: z.number().int(),
};
const jobCostSchema = z
  .object({ jobId: z.string(), ...costFields, outcome: z.enum(['inserted', 'unchanged', 'corrected']) })
  .openapi('JobCost');
type ApiJobCost = z.infer<typeof jobCostSchema>;

const post = createRoute({
  method: 'post',
  path: '/costs/jobs',
  tags,
  summary:
    'Price what a job used, or up to 1,000 jobs, and post it to the ledger; the same jobId counts once',
  middleware: requires('operator'),
  request: jsonBody(oneOrMany(jobSchema, 'jobs', MAX_JOBS)),
  responses: {
    200: jsonAnswer(
      z.union([z.object({ jobs: z.array(jobCostSchema) }), jobCostSchema]),
      'The cost of the job, or of each; of a changed one the difference was posted.',
    ),
    ...errors(403),
  },
});

const estimate = createRoute({
  method: 'post',
  path: '/costs/estimate',
  tags,
  summary: 'What a job would cost; nothing is stored',
  request: jsonBody(
    z.strictObject({
      jobType: givenName,
      cpuTime: quantity,
      payloadKb: quantity,
      memoryMbSeconds: quantity.default(0),
      redisOps: quantity.default(0),
      networkMb: quantity.default(0),
      environment: givenName.optional(),
      components: byName(quantity).optional(),
    }),
  ),
  responses: {
    200: jsonAnswer(z.object({ jobType: z.string(), ...costFields }).openapi('JobEstimate'), 'The cost.'),
    ...errors(),
  },
});

/** Costs of jobs that ran elsewhere, by the organization's cost model. */
export function jobCostRoutes(deps: ApiDeps) {
  const { costModels, outsideCosts } = deps.store;
  async function posted(org: string, jobs: Job[], name: string | undefined): Promise<ApiJobCost[]> {
    refuseTwice(jobs);
    const model = await costModels.current(org);
    const now = new Date();
    const priced = withEach(name, jobs, (job) => costOfJob(metricsOf(job), model, job.environment));
    const outcomes = await outsideCosts.post(
      org,
      'job',
      jobs.map((job, index) => toOutsideCost(job, priced[index]!, now)),
    );
    return jobs.map(({ jobId }, index) => ({
      jobId,
      ...toApiCost(priced[index]!, model),
      outcome: outcomes[index]!.outcome,
    }));
  }
  return router()
    .openapi(post, async (c) => {
      const { org } = c.var.principal;
      const body = c.req.valid('json');
      if ('jobs' in body) return c.json({ jobs: await posted(org, body.jobs, 'jobs') }, 200);
      const [cost] = await posted(org, [body], undefined);
      return c.json(cost!, 200);
    })
    .openapi(estimate, async (c) => {
      const { jobType, payloadKb, networkMb, environment, ...rest } = c.req.valid('json');
      const model = await costModels.current(c.var.principal.org);
      const bytes = { payloadBytes: payloadKb * BYTES_PER_KB, networkBytes: networkMb * BYTES_PER_MB };
      const cost = costOfJob(metricsOf({ ...rest, ...bytes }), model, environment);
      return c.json({ jobType, ...toApiCost(cost, model) }, 200);
    });
}

/** Of two costs of one job in one request nobody could say which is meant. */
function refuseTwice(jobs: readonly Job[]): void {
  const seen = new Set<string>();
  for (const [at, { jobId }] of jobs.entries()) {
    if (seen.has(jobId))
      throw invalidInput(`the job ${jobId} is named twice`, [
        { field: `jobs.${at}.jobId`, problem: 'must be another in each row' },
      ]);
    seen.add(jobId);
  }
}

function toOutsideCost(job: Job, { totalNanoUsd, breakdownNanoUsd }: JobCost, now: Date) {
  const parts = Object.entries(breakdownNanoUsd).filter(([, nanoUsd]) => nanoUsd > 0);
  return {
    id: job.jobId,
    scope: scopeOf(job),
    costNanoUsd: totalNanoUsd,
    components: Object.fromEntries(parts),
    at: job.endedAt === undefined ? now : new Date(job.endedAt),
  };
}

function scopeOf({ queueName, jobType, team, user, provider, model }: Job): Scope {
  return {
    queue: queueName,
    kind: jobType,
    ...(team !== undefined && { team }),
    ...(user !== undefined && { user }),
    ...(provider !== undefined && { provider }),
    ...(model !== undefined && { model }),
  };
}

function toApiCost({ totalNanoUsd, breakdownNanoUsd }: JobCost, model: CostModel) {
  const breakdown = Object.entries(breakdownNanoUsd).map(([name, nanoUsd]) => [name, toUsd(nanoUsd)]);
  return {
    totalCostUsd: toUsd(totalNanoUsd),
    breakdown: Object.fromEntries(breakdown) as Record<string, number>,
    modelVersion: model.version,
  };
}
