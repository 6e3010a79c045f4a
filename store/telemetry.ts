import { percentile } from '../domain/percentile.ts';
import type { Collections } from './collections.ts';
import type { GenerationLog } from './generation-logs.ts';
import type { Run } from './run-record.ts';

/** From `start` to just before `end`. */
export interface TelemetrySpan {
  start: Date;
  end: Date;
  /** `provider/model`, as it stands in the generation log. */
  model?: string;
}

/** What some rows of the generation log add up to. Costs in nano-dollars, times in milliseconds. */
export interface StepSum {
  count: number;
  failed: number;
  calls: number;
  inputTokens: number;
  outputTokens: number;
  costNanoUsd: number;
  durationMs: { p50: number; p95: number };
}

export interface ErrorSum {
  code: string;
  fingerprint: string;
  message: string;
  count: number;
  step: string;
  lastAt: Date;
}

/** How runs of a time went through the queue. */
export interface QueueSum {
  runs: number;
  byState: Record<string, number>;
  /** From the request to the first work. */
  waitMs: { p50: number; p95: number };
  /** From the first work to the end. */
  runMs: { p50: number; p95: number };
  items: number;
}

type Row = Omit<StepSum, 'durationMs'> & { _id: string | Date; duration?: (number | null)[] };

const SUMS = {
  count: { $sum: 1 },
  failed: { $sum: { $cond: [{ $eq: ['$status', 'failed'] }, 1, 0] } },
  calls: { $sum: '$calls' },
  inputTokens: { $sum: '$promptTokens' },
  outputTokens: { $sum: '$completionTokens' },
  costNanoUsd: { $sum: '$costNanoUsd' },
  duration: { $percentile: { input: '$durationMs', p: [0.5, 0.95], method: 'approximate' } },
};
const MOST_GROUPS = 200;

/** What the generation log and the runs tell of a time; computed where they lie. */
export function createTelemetry({ generationLogs, runs }: Pick<Collections, 'generationLogs' | 'runs'>) {
  const logsOf = (org: string, { start, end, model }: TelemetrySpan) => ({
    org,
    at: { $gte: start, $lt: end },
    ...(model !== undefined && { model }),
  });

  const runsOf = (org: string, { start, end, model }: TelemetrySpan) => ({
    org,
    position: { $gte: start.toISOString(), $lt: end.toISOString() },
    ...(model !== undefined && { 'options.model': model }),
  });

  async function sums(org: string, span: TelemetrySpan, by: unknown, sort: object) {
    const rows = await generationLogs.model.aggregate<Row>([
      { $match: logsOf(org, span) },
      { $group: { _id: by, ...SUMS } },
      { $sort: sort as never },
      { $limit: MOST_GROUPS * 10 },
    ]);
    return rows.map(({ _id: key, duration, ...sum }) => ({
      key,
      sum: { ...sum, durationMs: band(duration) },
    }));
  }

  return {
    /** By step, the dearest first: of intelligence a step is a block. */
    async telemetryBySteps(org: string, span: TelemetrySpan): Promise<(StepSum & { step: string })[]> {
      const rows = await sums(org, span, '$layer', { costNanoUsd: -1, _id: 1 });
      return rows.map(({ key, sum }) => ({ step: String(key), ...sum }));
    },
    /** By the model that answered, the dearest first. */
    async telemetryByModels(org: string, span: TelemetrySpan): Promise<(StepSum & { model: string })[]> {
      const rows = await sums(org, span, '$model', { costNanoUsd: -1, _id: 1 });
      return rows.map(({ key, sum }) => ({ model: String(key), ...sum }));
    },
    /** Hour by hour or day by day (UTC); times without any row are left out. */
    async telemetrySeries(
      org: string,
      span: TelemetrySpan,
      unit: 'hour' | 'day',
    ): Promise<(StepSum & { at: Date })[]> {
      const rows = await sums(org, span, { $dateTrunc: { date: '$at', unit } }, { _id: 1 });
      return rows.map(({ key, sum }) => ({ at: key as Date, ...sum }));
    },
    /** What failed, the most frequent first. */
    async telemetryErrors(org: string, span: TelemetrySpan): Promise<ErrorSum[]> {
      return generationLogs.model.aggregate<ErrorSum>([
        { $match: { ...logsOf(org, span), status: 'failed' } },
        {
          $group: {
            _id: '$error.fingerprint',
            code: { $first: '$error.code' },
            message: { $first: '$error.message' },
            step: { $first: '$layer' },
            count: { $sum: 1 },
            lastAt: { $max: '$at' },
          },
        },
        { $sort: { count: -1, _id: 1 } },
        { $limit: MOST_GROUPS },
        { $project: { _id: 0, fingerprint: '$_id', code: 1, message: 1, step: 1, count: 1, lastAt: 1 } },
      ]);
    },
    /** Rows of the generation log without their texts, the oldest first. */
    telemetryLogs(org: string, span: TelemetrySpan): AsyncIterable<GenerationLog> {
      const found = generationLogs.model.find(logsOf(org, span)).select({ output: 0 });
      return found.sort({ at: 1 }).lean<GenerationLog[]>().cursor();
    },
    /** Runs that were asked for in the time, the oldest first. */
    telemetryRuns(org: string, span: TelemetrySpan): AsyncIterable<Run> {
      return runs.model.find(runsOf(org, span)).sort({ position: 1 }).lean<Run[]>().cursor();
    },
    /** Runs that were asked for in the time. */
    async telemetryQueue(org: string, span: TelemetrySpan): Promise<QueueSum> {
      const sum = { runs: 0, byState: {} as Record<string, number>, items: 0 };
      const [waits, durations]: [number[], number[]] = [[], []];
      // Reckoned here: the local server knows no differences of dates, and runs are few beside their objects.
      const found = runs.model
        .find(runsOf(org, span))
        .select({ state: 1, createdAt: 1, startedAt: 1, endedAt: 1, counters: 1 })
        .lean()
        .cursor();
      for await (const { state, createdAt, startedAt, endedAt, counters } of found) {
        sum.runs += 1;
        sum.byState[state] = (sum.byState[state] ?? 0) + 1;
        sum.items += counters.done + counters.failed + counters.reused;
        if (startedAt !== undefined) waits.push(startedAt.getTime() - createdAt.getTime());
        if (startedAt !== undefined && endedAt !== undefined)
          durations.push(endedAt.getTime() - startedAt.getTime());
      }
      return { ...sum, waitMs: bandOf(waits), runMs: bandOf(durations) };
    },
    /** Open runs as they stand now, by state and reason. */
    async telemetryState(org: string, openStates: string[]) {
      return runs.model.aggregate<{ state: string; waitReason: string | null; runs: number }>([
        { $match: { org, state: { $in: openStates } } },
        { $group: { _id: { state: '$state', waitReason: '$waitReason' }, runs: { $sum: 1 } } },
        { $sort: { '_id.state': 1, '_id.waitReason': 1 } },
        {
          $project: {
            _id: 0,
            state: '$_id.state',
            waitReason: { $ifNull: ['$_id.waitReason', null] },
            runs: 1,
          },
        },
      ]);
    },
  };
}

/** Of nothing there is none: zeros. */
function band(pair: (number | null)[] | undefined): { p50: number; p95: number } {
  return { p50: Math.round(pair?.[0] ?? 0), p95: Math.round(pair?.[1] ?? 0) };
}

function bandOf(values: number[]): { p50: number; p95: number } {
  return values.length === 0 ? band(undefined) : band([0.5, 0.95].map((share) => percentile(values, share)));
}
