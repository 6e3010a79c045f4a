import { z } from '@hono/zod-openapi';

const usd = z.number();
const percentage = z.number().nullable();
const name = z.string().nullable().openapi({ description: 'Null is what belongs to nothing of that sort.' });
const spendFields = {
  totalCost: usd,
  percentage,
  jobCount: z.number().int(),
  avgCostPerJob: usd,
};
const lineFields = {
  ...spendFields,
  previousCost: usd.openapi({ description: 'In the period before.' }),
  others: z.number().int().optional().openapi({ description: 'Of a last line: the names that it sums up.' }),
};
const line = z.object({ name, ...lineFields }).openapi('ReportLine');
const queueLine = z.object({ queueName: name, ...lineFields }).openapi('ReportQueueLine');
const happened = z.object({ count: z.number().int(), usd: usd.nullable() });
const share = z.number().nullable();
const period = { start: z.string(), end: z.string() };

/** `domain/report/report.ts` as the API documents it: the route compiles only where the two agree. */
export const reportSchema = z
  .object({
    organization: z.string(),
    period: z.object({
      ...period,
      timeZone: z.string(),
      days: z.number().int(),
      complete: z.boolean().openapi({ description: 'False: its last day is not over.' }),
    }),
    generatedAt: z.iso.datetime(),
    totalSpend: usd,
    jobCount: z.number().int(),
    avgCostPerJob: usd,
    budgetAmount: usd.nullable().openapi({ description: 'What budgets give these days; null without any.' }),
    budgetedSpend: usd.nullable().openapi({ description: 'What was spent under those budgets.' }),
    utilization: share.openapi({ description: 'budgetedSpend / budgetAmount.' }),
    budgets: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        scope: z.record(z.string(), z.string()),
        amountUsd: usd,
        spentUsd: usd,
        utilization: share,
        counted: z.boolean().openapi({ description: 'Whether budgetAmount is made of it.' }),
      }),
    ),
    topDrivers: z.array(queueLine),
    queueBreakdown: z.array(queueLine),
    teamBreakdown: z.array(line),
    userBreakdown: z.array(line),
    kindBreakdown: z.array(line),
    providerBreakdown: z.array(line),
    modelBreakdown: z.array(line),
    componentBreakdown: z.array(
      line.pick({ name: true, totalCost: true, percentage: true, previousCost: true, others: true }),
    ),
    dayBreakdown: z.array(z.object({ date: z.string(), ...spendFields })),
    comparison: z.object({
      ...period,
      totalSpend: usd,
      jobCount: z.number().int(),
      change: usd,
      changePercent: percentage,
    }),
    estimates: z.array(
      z.object({
        kind: z.string(),
        runs: z.number().int(),
        estimatedUsd: z.object({ p50: usd, p90: usd }),
        actualUsd: usd,
        errorPercent: percentage,
        coverage: share,
        inBandShare: share,
        meanAbsoluteErrorPercent: percentage,
        biasPercent: percentage,
      }),
    ),
    savings: z.object({
      totalUsd: usd,
      reuse: z.object({ items: z.number().int(), usd, unpricedItems: z.number().int() }),
      caching: z.object({ tokens: z.number().int(), usd }),
    }),
    waits: z.array(z.object({ reason: z.string(), runs: z.number().int(), hours: z.number() })),
    exceptions: z.object({
      raises: happened,
      bypasses: happened,
      emergencies: happened,
      grace: happened,
      overruns: happened,
      warnings: happened,
      throttles: happened,
      blocks: happened,
      breakers: happened,
      events: z.array(
        z.object({
          at: z.iso.datetime(),
          event: z.string(),
          budgetName: z.string().nullable(),
          by: z.string(),
          reason: z.string().nullable(),
          usd: usd.nullable(),
        }),
      ),
    }),
    recommendations: z.array(
      z.object({
        code: z.string(),
        text: z.string(),
        figure: z.number().openapi({ description: 'The number behind it.' }),
        unit: z.enum(['usd', 'percent', 'count', 'hours']),
      }),
    ),
  })
  .openapi('SpendReport');
