import type { Connection, mongo } from 'mongoose';
import type { CrossRows, NamedSum } from '../domain/analytics/day-sums.ts';
import { JOB_DIMENSIONS, type JobDimension } from '../domain/analytics/dimension.ts';
import { collectionModel, Mixed } from './model.ts';

interface JobDay {
  /** org|day. */
  _id: string;
  org: string;
  day: string;
  /** Of the roll-up that made it; its rows have the same. */
  version: string;
  /** How many parts its rows are in. */
  parts: number;
  /**
   * Sums by each dimension as JSON `[[name, count, nano-dollars], …]`: read and parsed several times faster
   * than nested documents. A dimension with too many names is left out, and read from the rows.
   */
  by: { [Name in JobDimension]?: string };
}

/** Rows of a day, or a part of them. A text is the JSON of a column. */
interface JobDayRows {
  _id: string;
  org: string;
  day: string;
  version: string;
  names: Record<JobDimension, string>;
  codes: Record<JobDimension, string>;
  counts: string;
  costs: string;
}

const DAY_FIELDS = { _id: String, org: String, day: String, version: String, parts: Number, by: Mixed };
const ROW_FIELDS = {
  _id: String,
  org: String,
  day: String,
  version: String,
  names: Mixed,
  codes: Mixed,
  counts: String,
  costs: String,
};

/** Far below what a document may be, all dimensions together. */
const MAX_SUMS_CHARACTERS = 1_000_000;
/** A roll-up may replace what is being read. */
const READ_ATTEMPTS = 10;

type Version = { org: string; day: string; version: string };

/** Roll-ups of the jobs of a day: sums by each dimension, and rows to cross any two. */
export function jobDayStore(connection: Connection) {
  const model = collectionModel<JobDay>(connection, 'job_days', DAY_FIELDS, [[{ org: 1, day: 1 }]]);
  const rows = collectionModel<JobDayRows>(connection, 'job_day_rows', ROW_FIELDS, [[{ org: 1, day: 1 }]]);

  async function rowsOnce(
    org: string,
    days: Map<string, JobDay>,
    named: readonly JobDimension[],
    take: Take,
  ) {
    const [first = '', last = ''] = [[...days.keys()][0], [...days.keys()].at(-1)];
    const fields = named.flatMap((each) => [`names.${each}`, `codes.${each}`]);
    const projection = Object.fromEntries(
      [...fields, 'day', 'version', 'counts', 'costs'].map((each) => [each, 1]),
    );
    const cursor = rows.collection
      .find({ org, day: { $gte: first, $lte: last } } as never, { projection, batchSize: 100 })
      .sort({ day: 1 });
    let parts: CrossRows[] = [];
    for await (const part of cursor as unknown as AsyncIterable<JobDayRows>) {
      const day = days.get(part.day);
      if (day === undefined || day.version !== part.version) continue;
      parts.push(unpack(part, named));
      if (parts.length < day.parts) continue;
      // Whole: a day is taken once, and all of it.
      for (const each of parts) take(part.day, each);
      parts = [];
      days.delete(part.day);
    }
  }

  return {
    model,
    /** Sums by a dimension of the days that have jobs; undefined where a day has too many names for that. */
    async sums(org: string, start: string, end: string, by: JobDimension) {
      const filter = { org, day: { $gte: start, $lte: end } } as never;
      const projection = { _id: 0, day: 1, [`by.${by}`]: 1 };
      const days = await model.collection.find(filter, { projection }).sort({ day: 1 }).toArray();
      return (days as unknown as JobDay[]).map(({ day, by: { [by]: text } }) => ({
        day,
        ...(text !== undefined && { sums: parseSums(text) }),
      }));
    },
    /** Hands over the rows of all days of a time, those of one day together; columns of `named` only. */
    async eachRows(org: string, start: string, end: string, named: readonly JobDimension[], take: Take) {
      const filter = { org, day: { $gte: start, $lte: end } };
      let missing: string[] | undefined;
      for (let attempt = 1; attempt <= READ_ATTEMPTS; attempt += 1) {
        const wanted = missing === undefined ? filter : { org, day: { $in: missing } };
        const heads = await model.find(wanted, { by: 0 }).sort({ day: 1 }).lean<JobDay[]>();
        if (heads.length === 0) return;
        const days = new Map(heads.map((head) => [head.day, head]));
        await rowsOnce(org, days, named, take);
        if (days.size === 0) return;
        missing = [...days.keys()];
      }
      throw new Error(`the roll-ups of ${missing?.length} days were replaced again and again`);
    },
    /** Rows come before their roll-up, and are read only when it is there. */
    async addRows({ org, day, version }: Version, part: number, of: CrossRows): Promise<void> {
      const head = { _id: `${org}|${day}|${version}|${part}`, org, day, version };
      await rows.collection.insertOne({ ...head, ...pack(of) } as never);
    },
    /** Part of the transaction that says that the day is rolled up. */
    async replaceIn(
      session: mongo.ClientSession,
      { org, day, version }: Version,
      parts: number,
      by: Record<JobDimension, NamedSum[]>,
    ): Promise<void> {
      const _id = `${org}|${day}`;
      if (parts === 0) {
        await model.collection.deleteOne({ _id, org } as never, { session });
        return;
      }
      const texts = JOB_DIMENSIONS.map((each) => [each, packSums(by[each])] as const);
      const kept = texts.filter(([, text]) => text.length <= MAX_SUMS_CHARACTERS);
      const doc = { org, day, version, parts, by: Object.fromEntries(kept) };
      await model.collection.replaceOne({ _id, org } as never, doc as never, { session, upsert: true });
    },
    /** Drops rows that nobody reads any more: those of versions from before `below`, but for the kept one. */
    async dropRows(
      org: string,
      day: string,
      { below, keep }: { below: string; keep: string },
    ): Promise<void> {
      await rows.collection.deleteMany({ org, day, version: { $lt: below, $ne: keep } } as never);
    },
    async dropVersion({ org, day, version }: Version): Promise<void> {
      await rows.collection.deleteMany({ org, day, version } as never);
    },
  };
}

type Take = (day: string, rows: CrossRows) => void;

function packSums(sums: NamedSum[]): string {
  return JSON.stringify(sums.map(({ name, count, costNanoUsd }) => [name, count, costNanoUsd]));
}

function parseSums(text: string): NamedSum[] {
  const sums = JSON.parse(text) as [string | null, number, number][];
  return sums.map(([name, count, costNanoUsd]) => ({ name, count, costNanoUsd }));
}

function pack({
  columns,
  counts,
  costs,
}: CrossRows): Pick<JobDayRows, 'names' | 'codes' | 'counts' | 'costs'> {
  const textsOf = (part: 'names' | 'codes') =>
    Object.fromEntries(JOB_DIMENSIONS.map((each) => [each, JSON.stringify(columns[each][part])]));
  return {
    names: textsOf('names') as JobDayRows['names'],
    codes: textsOf('codes') as JobDayRows['codes'],
    counts: JSON.stringify(counts),
    costs: JSON.stringify(costs),
  };
}

/** The columns that were read. */
function unpack({ names, codes, counts, costs }: JobDayRows, named: readonly JobDimension[]): CrossRows {
  const columns = Object.fromEntries(
    named.map((each) => [each, { names: JSON.parse(names[each]), codes: JSON.parse(codes[each]) }]),
  );
  return { columns: columns as CrossRows['columns'], counts: JSON.parse(counts), costs: JSON.parse(costs) };
}
