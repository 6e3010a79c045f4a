import type { z } from '@hono/zod-openapi';
import { fillIn, type Variables, withDefaults } from '../domain/batches/fill-in.ts';
import { AppError, type ErrorDetail, invalidInput } from '../domain/errors.ts';
import { given } from '../domain/given.ts';
import { detailsOf } from '../domain/issues.ts';
import { frozenRun } from '../kinds/frozen-run.ts';
import { batchRunSchema, type NewBatch, ownVariablesSchema } from './batch-schemas.ts';
import type { ApiDeps } from './deps.ts';
import { sha256 } from './idempotency.ts';
import type { NewRun } from './new-run.ts';

/** Problems that are told of; their number is told whole. */
const TOLD = 100;
/** Checked against the database at a time. */
const AT_ONCE = 16;

/** One run of a batch as it was asked for: defaults and variables are in it. */
export interface AskedRun {
  /** Its place in the request, from 0. */
  index: number;
  externalId: string;
  asked: NewRun;
  requestHash: string;
}

export type FrozenRun = AskedRun & { frozen: Awaited<ReturnType<typeof frozenRun>> };

/**
 * Reads the runs of a batch, each with the batch's defaults and variables.
 * @throws AppError `invalid_input` with all that is wrong, each with the place of its run and the field.
 */
export function readRuns({ defaults, variables, runs }: NewBatch): AskedRun[] {
  const problems: ErrorDetail[] = [];
  const seen = new Map<string, number>();
  const read = runs.flatMap((run, index) => {
    const asked = readRun(run, index, { defaults, variables });
    if (Array.isArray(asked)) {
      problems.push(...asked);
      return [];
    }
    const before = seen.get(asked.externalId);
    if (before !== undefined)
      problems.push(told(asked, 'externalId', `is that of runs.${before} too: give each its own`));
    seen.set(asked.externalId, index);
    return [asked];
  });
  refuse(problems);
  return read;
}

function readRun(
  run: Record<string, unknown>,
  index: number,
  { defaults, variables }: Pick<NewBatch, 'defaults' | 'variables'>,
): AskedRun | ErrorDetail[] {
  const { variables: stated = {}, ...own } = run;
  const place = { index, externalId: typeof run.externalId === 'string' ? run.externalId : '' };
  const parsed = ownVariablesSchema.safeParse(stated);
  if (!parsed.success)
    return detailsOf(parsed.error.issues).map(({ field, problem }) =>
      told(place, `variables.${field}`, problem),
    );
  const all: Variables = { ...variables, ...parsed.data };
  const { value, missing } = fillIn(withDefaults(defaults, own), all);
  if (missing.length > 0)
    return missing.map(({ field, name }) => told(place, field, `no value is given for the variable ${name}`));
  const checked = batchRunSchema.safeParse(value);
  if (!checked.success)
    return detailsOf(checked.error.issues).map(({ field, problem }) => told(place, field ?? '', problem));
  const { externalId, ...asked } = checked.data;
  return { index, externalId, asked: toNewRun(asked), requestHash: sha256(canonical(asked)) };
}

function toNewRun({
  kind,
  input,
  options,
  scope,
}: Omit<z.infer<typeof batchRunSchema>, 'externalId'>): NewRun {
  return { kind, input, options, scope };
}

/**
 * Checks runs against their kinds and what is stored.
 * @throws AppError `invalid_input` with all that is wrong.
 */
export async function freezeRuns(deps: ApiDeps, org: string, runs: AskedRun[]): Promise<FrozenRun[]> {
  const problems: ErrorDetail[] = [];
  const frozen: FrozenRun[] = [];
  for (let at = 0; at < runs.length; at += AT_ONCE) {
    const group = runs.slice(at, at + AT_ONCE);
    const results = await Promise.all(group.map((run) => freeze(deps, org, run)));
    for (const result of results)
      if (Array.isArray(result)) problems.push(...result);
      else frozen.push(result);
  }
  refuse(problems);
  return frozen;
}

async function freeze(deps: ApiDeps, org: string, run: AskedRun): Promise<FrozenRun | ErrorDetail[]> {
  try {
    return { ...run, frozen: await frozenRun(deps, org, run.asked) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { details, publicMessage } = error;
    if (details.length === 0) return [told(run, '', publicMessage)];
    return details.map(({ field = '', problem }) => told(run, fieldOf(field), problem));
  }
}

/** A kind names the fields of its input, not where that stands. */
function fieldOf(named: string): string {
  return named === '' || named === 'kind' ? named : `input.${named}`;
}

function told(of: Pick<AskedRun, 'index' | 'externalId'>, field: string, problem: string): ErrorDetail {
  const named = of.externalId === '' ? '' : ` (externalId ${JSON.stringify(of.externalId)})`;
  return { field: [`runs.${of.index}`, field].filter(Boolean).join('.'), problem: `${problem}${named}` };
}

function refuse(problems: ErrorDetail[]): void {
  const [first] = problems;
  if (first === undefined) return;
  const more = problems.length === 1 ? '' : `; ${problems.length} problems in all`;
  throw invalidInput(
    `the batch is not valid: ${first.field}: ${first.problem}${more}`,
    problems.slice(0, TOLD),
  );
}

/** The same text for the same values, in whatever order a file has them. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? given(Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))))
      : part,
  );
}
