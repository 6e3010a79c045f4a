import type { Connection } from 'mongoose';
import type { Benchmark } from '../domain/costing/benchmark.ts';
import { collectionModel, insertEach, Mixed } from './model.ts';
import { type Page, type PageRequest, pageOf } from './page.ts';

interface BenchmarkDoc extends Omit<Benchmark, 'id'> {
  _id: string;
  org: string;
  /** Time of the job and id: unique, and the order of lists. */
  position: string;
}

const FIELDS = {
  _id: String,
  org: String,
  jobType: String,
  environment: String,
  metrics: Mixed,
  actualCostNanoUsd: Number,
  calculatedCostNanoUsd: Number,
  modelVersion: Number,
  infrastructureCostNanoUsd: Number,
  timestamp: Date,
  position: String,
};

/** Benchmarks: rows are added and never changed. */
export function benchmarkStore(connection: Connection) {
  const model = collectionModel<BenchmarkDoc>(connection, 'benchmarks', FIELDS, [
    [{ org: 1, position: -1 }],
    [{ org: 1, jobType: 1, position: -1 }],
  ]);
  const filterOf = (org: string, jobType: string | undefined) => ({ org, ...(jobType && { jobType }) });
  return {
    model,
    /** Adds rows; one whose id is there already is left as it is. @returns for each whether it is new. */
    async add(org: string, benchmarks: Benchmark[]): Promise<boolean[]> {
      return insertEach(
        model,
        benchmarks.map(({ id, ...rest }) => {
          const position = `${rest.timestamp.toISOString()}:${id}`;
          return { _id: id, org, ...rest, position };
        }),
      );
    },
    /** The newest first. */
    async list(org: string, jobType: string | undefined, request: PageRequest): Promise<Page<Benchmark>> {
      const sort = { field: 'position', order: -1 } as const;
      const page = await pageOf<BenchmarkDoc>(model, filterOf(org, jobType), sort, request);
      return { ...page, rows: page.rows.map(fromBenchmarkDoc) };
    },
    /** The newest, at most `limit`, the newest first. */
    async newest(org: string, jobType: string | undefined, limit: number): Promise<Benchmark[]> {
      const docs = await model
        .find(filterOf(org, jobType))
        .sort({ position: -1 })
        .limit(limit)
        .lean<BenchmarkDoc[]>();
      return docs.map(fromBenchmarkDoc);
    },
  };
}

function fromBenchmarkDoc(doc: BenchmarkDoc): Benchmark {
  const { _id, org: _org, position: _position, ...rest } = doc;
  return { id: _id, ...rest };
}
