import type { Connection } from 'mongoose';
import type { Scope } from '../domain/budgets/scope.ts';
import type { ForecastOutcome } from '../domain/forecast/outcome.ts';
import type { ScopeForecast } from '../domain/forecast/scope-forecast.ts';
import { collectionModel, insertEach, Mixed } from './model.ts';
import { type Page, type PageRequest, pageOf } from './page.ts';

interface Interval {
  low: number;
  high: number;
}

type Told = Pick<
  ScopeForecast,
  'state' | 'method' | 'backtestErrorPercent' | 'historyDays' | 'periodStart' | 'periodEnd' | 'overrun'
>;

/** What was forecast of one subject on one day, and what came true. Money in nano-dollars. */
export interface StoredForecast extends Told {
  /** org|subject|day. */
  _id: string;
  org: string;
  /** A budget's id, `queue:NAME`, or '' for the organization. */
  subject: string;
  /** Of a budget per user that of the user who had used most. */
  scope: Scope;
  /** On which it was made, in the organization's time zone, YYYY-MM-DD; the first of the days ahead. */
  day: string;
  madeAt: Date;
  /** The counters of the budget's period; without a budget there are none. */
  period?: string;
  spent: number;
  amount: number | null;
  /** Of the whole period. */
  predicted: number;
  interval80: Interval | null;
  interval95: Interval | null;
  /** Of each day ahead; no intervals where too little is known. */
  points: number[];
  low80: number[];
  high80: number[];
  low95: number[];
  high95: number[];
  /** What was known then of the newest days, yesterday first. */
  known: number[];
  ofWeek: ForecastOutcome;
  ofPeriod: ForecastOutcome;
  /** The day on which to see what came true; gone when that is final. */
  lookAt?: string;
}

export type NewForecast = Omit<StoredForecast, '_id' | 'org'>;

/** The mean of how right forecasts were, and of how many. */
export interface Accuracy {
  accuracyPercent: number | null;
  accuracySamples: number;
}

const FIELDS = {
  ...{ _id: String, org: String, subject: String, scope: Mixed, day: String, madeAt: Date, period: String },
  ...{ state: String, method: String, backtestErrorPercent: Number, historyDays: Number },
  ...{ periodStart: String, periodEnd: String, overrun: Mixed },
  ...{ spent: Number, amount: Number, predicted: Number, interval80: Mixed, interval95: Mixed },
  ...{ points: Mixed, low80: Mixed, high80: Mixed, low95: Mixed, high95: Mixed, known: Mixed },
  ...{ ofWeek: Mixed, ofPeriod: Mixed, lookAt: String },
};

/** A year, and the month after which nobody looks at one any more. */
const KEPT_SECONDS = 400 * 86_400;
/** The newest forecasts that an accuracy is the mean of. */
const SAMPLES = 30;

function idOf(org: string, subject: string, day: string): string {
  return [org, encodeURIComponent(subject), day].join('|');
}

/** Forecasts, one a day and subject: inserted once, then only what came true is written to them. */
export function forecastStore(connection: Connection) {
  const model = collectionModel<StoredForecast>(connection, 'forecasts', FIELDS, [
    [{ org: 1, subject: 1, day: -1 }],
    [{ org: 1, day: 1, subject: 1 }],
    [{ org: 1, lookAt: 1, _id: 1 }],
    [{ madeAt: 1 }, { expireAfterSeconds: KEPT_SECONDS }],
  ]);

  async function mean(match: object, limit: number): Promise<Accuracy> {
    const right = { 'ofWeek.accuracyPercent': { $type: 'number' } };
    const [row] = await model.aggregate<{ sum: number; count: number }>([
      { $match: { ...match, ...right } },
      { $sort: { day: -1 } },
      { $limit: limit },
      { $group: { _id: null, sum: { $sum: '$ofWeek.accuracyPercent' }, count: { $sum: 1 } } },
    ]);
    const count = row?.count ?? 0;
    return { accuracyPercent: count === 0 ? null : (row?.sum ?? 0) / count, accuracySamples: count };
  }

  return {
    model,
    /** @returns false where there is one of that day and subject already. */
    async add(org: string, row: NewForecast): Promise<boolean> {
      return (await insertEach(model, [{ _id: idOf(org, row.subject, row.day), org, ...row }]))[0] === true;
    },
    /** The subjects that have a forecast of a day. */
    async subjectsOf(org: string, day: string): Promise<Set<string>> {
      const rows = await model.find({ org, day }, { subject: 1 }).lean<StoredForecast[]>();
      return new Set(rows.map(({ subject }) => subject));
    },
    async find(org: string, subject: string, day: string): Promise<StoredForecast | undefined> {
      const row = await model.findOne({ _id: idOf(org, subject, day), org }).lean<StoredForecast>();
      return row ?? undefined;
    },
    /** The newest first. */
    async list(org: string, subject: string, request: PageRequest): Promise<Page<StoredForecast>> {
      return pageOf<StoredForecast>(model, { org, subject }, { field: 'day', order: -1 }, request);
    },
    /** What was known of days soon after them, on the days since one. */
    async knownSince(
      org: string,
      subject: string,
      since: string,
    ): Promise<Pick<StoredForecast, 'day' | 'scope' | 'known'>[]> {
      return model
        .find({ org, subject, day: { $gte: since } }, { day: 1, scope: 1, known: 1 })
        .lean<StoredForecast[]>();
    },
    /** Those whose days are over, or may get late costs, of one subject after the other. */
    async toLookAt(org: string, today: string, limit: number): Promise<StoredForecast[]> {
      return model
        .find({ org, lookAt: { $lte: today } })
        .sort({ lookAt: 1, _id: 1 })
        .limit(limit)
        .lean<StoredForecast[]>();
    },
    /** Writes what came true. */
    async comeTrue(
      org: string,
      id: string,
      { lookAt, ...outcomes }: Pick<StoredForecast, 'ofWeek' | 'ofPeriod'> & { lookAt: string | undefined },
    ): Promise<void> {
      const next = lookAt === undefined ? { $unset: { lookAt: 1 } } : {};
      const set = { ...outcomes, ...(lookAt !== undefined && { lookAt }) };
      await model.updateOne({ _id: id, org }, { $set: set, ...next } as never);
    },
    /** Of the newest forecasts of a subject whose week is over. */
    accuracyOf: (org: string, subject: string) => mean({ org, subject }, SAMPLES),
    /** Of the newest forecasts of some organizations as wholes, each of which counts alike. */
    async accuracyOfAll(orgs: string[]): Promise<number | undefined> {
      const each = await Promise.all(orgs.map((org) => mean({ org, subject: '' }, SAMPLES)));
      const known = each.flatMap(({ accuracyPercent }) => accuracyPercent ?? []);
      return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length;
    },
  };
}
