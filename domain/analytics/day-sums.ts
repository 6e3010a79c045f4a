import { JOB_DIMENSIONS, type JobDimension } from './dimension.ts';

/** Of the jobs of one name; null is the name of those that do not say it. */
export interface NamedSum {
  name: string | null;
  count: number;
  costNanoUsd: number;
}

/** What a job counts with. */
export type JobFacts = { readonly [Name in JobDimension]?: string | undefined } & {
  readonly costNanoUsd: number;
};

/**
 * Jobs of one day that are alike in every dimension, by column: a number stands for a name of `names`. So it
 * is read and packed many times faster than a document for each row, and a question reads only its columns.
 */
export interface CrossRows {
  columns: Record<JobDimension, { names: (string | null)[]; codes: number[] }>;
  counts: number[];
  costs: number[];
}

/**
 * Rows of a part at the most, of some hundred kilobytes. A day with more is told in several parts; the same
 * row may stand in more than one of them, for sums add up.
 */
const MAX_ROWS = 20_000;

/**
 * Adds up jobs of a day, one by one, within bounded memory: each full part of rows is handed out and
 * forgotten. What is kept grows with the names of a dimension, not with the jobs.
 */
export function createDaySummer(maxRows = MAX_ROWS) {
  const sums = JOB_DIMENSIONS.map(() => createNamedSums());
  let part = createPart();

  return {
    /** @returns a part that is full now. */
    add(job: JobFacts): CrossRows | undefined {
      for (const [index, dimension] of JOB_DIMENSIONS.entries())
        sums[index]?.add(job[dimension] ?? null, job.costNanoUsd);
      part.add(job);
      if (part.rows.counts.length < maxRows) return undefined;
      const full = part.rows;
      part = createPart();
      return full;
    },
    /** The last part, undefined where nothing is left, and the sums of all jobs. */
    end() {
      const by = Object.fromEntries(JOB_DIMENSIONS.map((each, index) => [each, sums[index]?.all() ?? []]));
      return {
        ...(part.rows.counts.length > 0 && { last: part.rows }),
        by: by as Record<JobDimension, NamedSum[]>,
      };
    },
  };
}

/** Where a sum would no longer be exact, another one of the same name goes on. */
function createNamedSums() {
  const open = new Map<string | null, NamedSum>();
  const full: NamedSum[] = [];
  return {
    add(name: string | null, costNanoUsd: number): void {
      const sum = open.get(name);
      if (sum !== undefined && Number.isSafeInteger(sum.costNanoUsd + costNanoUsd)) {
        sum.count += 1;
        sum.costNanoUsd += costNanoUsd;
        return;
      }
      if (sum !== undefined) full.push(sum);
      open.set(name, { name, count: 1, costNanoUsd });
    },
    all: () => [...full, ...open.values()],
  };
}

function createPart() {
  const rows: CrossRows = {
    columns: Object.fromEntries(
      JOB_DIMENSIONS.map((each) => [each, { names: [], codes: [] }]),
    ) as unknown as CrossRows['columns'],
    counts: [],
    costs: [],
  };
  const known = JOB_DIMENSIONS.map(() => new Map<string | null, number>());
  const rowOf = new Map<string, number>();

  function codeOf(dimension: JobDimension, index: number, name: string | null): number {
    const codes = known[index] as Map<string | null, number>;
    const before = codes.get(name);
    if (before !== undefined) return before;
    codes.set(name, codes.size);
    rows.columns[dimension].names.push(name);
    return codes.size - 1;
  }

  return {
    rows,
    add(job: JobFacts): void {
      const codes = JOB_DIMENSIONS.map((each, index) => codeOf(each, index, job[each] ?? null));
      const key = codes.join();
      const row = rowOf.get(key);
      const sum = row === undefined ? Number.NaN : (rows.costs[row] ?? 0) + job.costNanoUsd;
      if (row !== undefined && Number.isSafeInteger(sum)) {
        rows.costs[row] = sum;
        rows.counts[row] = (rows.counts[row] ?? 0) + 1;
        return;
      }
      rowOf.set(key, rows.counts.length);
      for (const [index, each] of JOB_DIMENSIONS.entries()) rows.columns[each].codes.push(codes[index] ?? 0);
      rows.counts.push(1);
      rows.costs.push(job.costNanoUsd);
    },
  };
}
