import { dayNumberOf } from '../budgets/zones.ts';
import type { JobMetrics } from '../costing/cost-model.ts';
import { given } from '../given.ts';
import { nanoUsdOf, readAmount } from './amount.ts';
import { type FileColumn, type Mapping, METRIC_COLUMNS, mapRow, type Row } from './columns.ts';
import { IDLE_PREFIX } from './idle.ts';
import { COST_BASES, type CostBasis, type Job, type JobStatus, statusOf } from './job.ts';

/** What is wrong with a field of a row. */
export interface FieldProblem {
  field: FileColumn;
  problem: string;
}

const MAX_TEXT = 200;
const MAX_TOKENS = 1e12;
const MAX_USED = 1e15;
const MAX_USD = 9_000_000;
const MAX_NANO_USD = BigInt(MAX_USD) * 1_000_000_000n;
/** Clocks differ; what lies further ahead is a mistake. */
export const AHEAD_MS = 86_400_000;
const EARLIEST_MS = Date.UTC(1990, 0, 1);
/** A date, or a date and a time with any fraction; without a zone it is UTC. */
const TIME =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.(\d{1,9}))?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

type Reader = { fields: Partial<Record<FileColumn, unknown>>; problems: FieldProblem[] };

/**
 * A row of a file as a job, still without a price for its tokens, or all that is wrong with it.
 * @param row counts from 1
 */
export function readJob(raw: Row, row: number, mapping: Mapping, now: Date): Job | FieldProblem[] {
  const reader: Reader = { fields: mapRow(raw, row, mapping), problems: [] };
  const status = statusIn(reader);
  const startedAt = time(reader, 'start_time', mapping, now);
  const endedAt = time(reader, 'end_time', mapping, now);
  const gaveTime = reader.problems.some(({ field }) => field === 'start_time');
  if (startedAt === undefined && status !== 'pending' && !gaveTime)
    reader.problems.push({ field: 'start_time', problem: 'is missing; only a pending job may lack it' });
  if (startedAt !== undefined && endedAt !== undefined && endedAt < startedAt)
    reader.problems.push({ field: 'end_time', problem: 'lies before start_time' });
  const job: Job = given({
    id: idIn(reader),
    team: needed(reader, 'team_name'),
    model: needed(reader, 'model_name'),
    provider: needed(reader, 'provider').toLowerCase(),
    status,
    ...cost(reader),
    gpuType: text(reader, 'gpu_type')?.toLowerCase(),
    startedAt,
    endedAt,
    user: text(reader, 'user'),
    queue: text(reader, 'queue'),
    kind: text(reader, 'kind'),
    gpuCount: number(reader, 'gpu_count', 1e6),
    inputTokens: whole(reader, 'input_tokens'),
    outputTokens: whole(reader, 'output_tokens'),
    metrics: metricsIn(reader),
  });
  return reader.problems.length > 0 ? reader.problems : job;
}

/** What it used, where the file says something of it; the rest is 0. */
function metricsIn(reader: Reader): JobMetrics | undefined {
  if (METRIC_COLUMNS.every((column) => reader.fields[column] === undefined)) return undefined;
  const used = (column: FileColumn) => number(reader, column, MAX_USED) ?? 0;
  return {
    cpuTime: used('cpu_time'),
    memoryMbSeconds: used('memory_mb_seconds'),
    payloadBytes: used('payload_bytes'),
    redisOps: used('redis_ops'),
    networkBytes: used('network_bytes'),
  };
}

function idIn(reader: Reader): string {
  const id = needed(reader, 'job_id');
  if (id.startsWith(IDLE_PREFIX))
    reader.problems.push({
      field: 'job_id',
      problem: `begins with ${IDLE_PREFIX}, which stands for idle costs`,
    });
  return id;
}

function statusIn(reader: Reader): JobStatus {
  const word = needed(reader, 'status');
  const status = statusOf(word);
  if (status === undefined && word !== '')
    reader.problems.push({
      field: 'status',
      problem: `is ${word}, which is not known; use pending, running, completed, failed or cancelled`,
    });
  return status ?? 'pending';
}

function needed(reader: Reader, field: FileColumn): string {
  const value = text(reader, field);
  if (value === undefined && !reader.problems.some((problem) => problem.field === field))
    reader.problems.push({ field, problem: 'is missing' });
  return value ?? '';
}

function text({ fields, problems }: Reader, field: FileColumn): string | undefined {
  const value = fields[field];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' && typeof value !== 'number') {
    problems.push({ field, problem: 'must be a text' });
    return undefined;
  }
  const trimmed = String(value).trim();
  const problem = textProblem(trimmed);
  if (problem === undefined) return trimmed;
  problems.push({ field, problem });
  return undefined;
}

function textProblem(value: string): string | undefined {
  if (value.length > MAX_TEXT) return `has ${value.length} characters; it may have ${MAX_TEXT}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f\ufffd]/.test(value)) return 'holds control characters, or is not UTF-8';
  return undefined;
}

function number({ fields, problems }: Reader, field: FileColumn, most: number): number | undefined {
  const value = fields[field];
  if (value === undefined) return undefined;
  const text = String(value).trim();
  const read = /^[+]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(text) ? Number(text) : Number.NaN;
  if (read >= 0 && read <= most) return read;
  problems.push({ field, problem: `is ${text.slice(0, 40)}; it must be a number from 0 to ${most}` });
  return undefined;
}

/** Exact, whatever the number of digits. Only what says that it is a credit may be negative. */
function cost(reader: Reader): Pick<Job, 'costNanoUsd' | 'costBasis'> {
  const { fields, problems } = reader;
  const value = fields.cost_usd;
  if (value === undefined) return { costNanoUsd: 0, costBasis: 'none' };
  const word = text(reader, 'cost_basis')?.toLowerCase() ?? 'given';
  const costBasis = COST_BASES.find((basis) => basis === word);
  if (costBasis === undefined)
    problems.push({ field: 'cost_basis', problem: `is ${word}; it must be one of ${COST_BASES.join(', ')}` });
  const written = String(value).trim();
  const amount = readAmount(written);
  const nanoUsd = amount === undefined ? undefined : nanoUsdOf(amount);
  const least = costBasis === 'credit' ? -MAX_NANO_USD : 0n;
  if (nanoUsd !== undefined && nanoUsd >= least && nanoUsd <= MAX_NANO_USD)
    return { costNanoUsd: Number(nanoUsd), costBasis: basisOf(costBasis, nanoUsd) };
  const credit =
    nanoUsd !== undefined && nanoUsd < 0n ? '; what is given back has the cost_basis credit' : '';
  const problem = `is ${written.slice(0, 40)}; it must be a number from 0 to ${MAX_USD}${credit}`;
  problems.push({ field: 'cost_usd', problem });
  return { costNanoUsd: 0, costBasis: 'given' };
}

/** What has a cost has it from somewhere; what follows from cost snapshots elsewhere is given here. */
function basisOf(named: CostBasis | undefined, nanoUsd: bigint): CostBasis {
  if (named === 'allocated') return 'given';
  return named === undefined || (named === 'none' && nanoUsd !== 0n) ? 'given' : named;
}

function whole(reader: Reader, field: FileColumn): number | undefined {
  const value = number(reader, field, MAX_TOKENS);
  if (value === undefined || Number.isInteger(value)) return value;
  reader.problems.push({ field, problem: 'must be a whole number' });
  return undefined;
}

function time(reader: Reader, field: FileColumn, mapping: Mapping, now: Date): Date | undefined {
  const value = reader.fields[field];
  if (value === undefined) return undefined;
  const { epoch } = mapping;
  const at = epoch === undefined ? readTime(String(value).trim()) : counted(reader, field, epoch);
  if (at === undefined) return undefined;
  const problem = timeProblem(at, String(value), now, epoch !== undefined);
  if (problem === undefined) return new Date(at);
  reader.problems.push({ field, problem });
  return undefined;
}

function timeProblem(at: number, value: string, now: Date, relative: boolean): string | undefined {
  if (Number.isNaN(at)) return `is ${value.slice(0, 40)}; it must be a time, as 2026-01-14T09:30:00Z`;
  if (at > now.getTime() + AHEAD_MS) return 'lies in the future';
  if (at < EARLIEST_MS) return relative ? 'lies before 1990: check the epoch' : 'lies before 1990';
  return undefined;
}

function counted(reader: Reader, field: FileColumn, epoch: NonNullable<Mapping['epoch']>) {
  const count = number(reader, field, 1e15);
  return count === undefined ? undefined : epoch.from.getTime() + count * epoch.unitMs;
}

/** Milliseconds since 1970; NaN for what is no time, a 30th of February too. */
export function readTime(value: string): number {
  const match = TIME.exec(value);
  if (match === null) return Number.NaN;
  const [, day = '', clock = '00:00', fraction = '', zone = 'Z'] = match;
  if (dayNumberOf(day) === undefined) return Number.NaN;
  const offset = zone.toUpperCase() === 'Z' ? 'Z' : zone.replace(/^(...)(\d\d)$/, '$1:$2');
  const seconds = clock.length === 5 ? `${clock}:00` : clock;
  return Date.parse(`${day}T${seconds}.${`${fraction}000`.slice(0, 3)}${offset}`);
}
