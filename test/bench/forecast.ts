import { parseArgs } from 'node:util';
import { invalidInput } from '../../domain/errors.ts';
import { mase, smape, wape } from '../../domain/forecast/accuracy.ts';
import { forecastSpend } from '../../domain/forecast/forecast.ts';
import { meanOf, sumOf } from '../../domain/forecast/statistics.ts';
import { readDays, readM4 } from './forecast-files.ts';
import { rounded } from './rounded.ts';

type Note = (line: string) => void;

const WEEK = 7;
/** How often long work says how far it is. */
const NOTE_EVERY_MS = 5_000;
/** Code that has just been loaded is several times slower than what a server runs after a minute. */
const WARM_UP_FORECASTS = 50;

const OPTIONS = {
  file: { type: 'string' },
  window: { type: 'string', default: '28' },
  horizon: { type: 'string', default: '14' },
  step: { type: 'string', default: '7' },
  m4: { type: 'string', multiple: true },
  season: { type: 'string', default: '24' },
  json: { type: 'boolean' },
} as const;

/**
 * How good forecasts are, and how long they take: of a file of date,value from one day after another, or of
 * the files of the M4 competition, `--m4 TRAIN TEST`.
 */
export async function benchForecast(note: Note, args: readonly string[]): Promise<unknown> {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const whole = (name: 'window' | 'horizon' | 'step' | 'season') => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 1)
      throw invalidInput(`--${name} must be a whole number from 1 on`);
    return value;
  };
  if (values.m4 !== undefined) {
    // Of `--m4 TRAIN TEST` the second path is what follows the name of the bench.
    const [train, test] = [...values.m4, ...positionals.slice(1)];
    if (train === undefined || test === undefined) throw invalidInput('--m4 needs two files: TRAIN TEST');
    return compareM4(train, test, whole('season'), note);
  }
  if (values.file === undefined)
    throw invalidInput('forecast needs --file F, a CSV of date,value, or --m4 TRAIN TEST');
  const rolling = { window: whole('window'), horizon: whole('horizon'), step: whole('step') };
  const days = readDays(values.file);
  for (let turn = 0; turn < WARM_UP_FORECASTS; turn += 1)
    forecastSpend({ history: days.slice(0, rolling.window), horizon: rolling.horizon });
  return rollOver(days, rolling, note);
}

/** `window`: days seen; `horizon`: days forecast; `step`: days from one forecast to the next. */
interface Rolling {
  window: number;
  horizon: number;
  step: number;
}

/**
 * Forecasts from one origin after another, each seeing its window alone. Errors are over all days of all of
 * them, `totalErrorPercent` over the totals of the horizons, `coverage80` is the share of these within their
 * 80 % interval, and null where none has one.
 */
export function rollOver(days: readonly number[], { window, horizon, step }: Rolling, note: Note) {
  const actual: number[] = [];
  const points: number[] = [];
  const mean7: number[] = [];
  const seasonalNaive: number[] = [];
  const totals: number[] = [];
  const totalPoints: number[] = [];
  const inside: boolean[] = [];
  const progress = progressOf(note, Math.floor((days.length - window - horizon) / step) + 1);
  if (days.length < window + horizon)
    throw invalidInput(
      `${days.length} days are too few for a window of ${window} and a horizon of ${horizon}`,
    );
  let tookMs = 0;
  for (let origin = window; origin + horizon <= days.length; origin += step) {
    const history = days.slice(origin - window, origin);
    const came = days.slice(origin, origin + horizon);
    const startedAt = performance.now();
    const forecast = forecastSpend({ history, horizon });
    tookMs += performance.now() - startedAt;
    actual.push(...came);
    points.push(...forecast.days.map(({ point }) => point));
    mean7.push(...came.map(() => meanOf(history.slice(-WEEK))));
    seasonalNaive.push(...asBefore(history, WEEK, horizon));
    totals.push(sumOf(came));
    totalPoints.push(forecast.total.point);
    const interval = forecast.total.interval80;
    if (interval !== null) inside.push(isInside(sumOf(came), interval));
    progress(totals.length);
  }
  return {
    wape: share(wape(actual, points)),
    mean7Wape: share(wape(actual, mean7)),
    seasonalNaiveWape: share(wape(actual, seasonalNaive)),
    totalErrorPercent: share(wape(totals, totalPoints), 100),
    coverage80: inside.length === 0 ? null : rounded(inside.filter(Boolean).length / inside.length),
    millisecondsPerSeries: rounded(tookMs / totals.length),
  };
}

/** Sums of the same values in another order differ in their last digits. */
function isInside(value: number, { low, high }: { low: number; high: number }): boolean {
  const tolerance = 1e-9 * Math.max(Math.abs(low), Math.abs(high));
  return value >= low - tolerance && value <= high + tolerance;
}

/** The means of sMAPE and MASE over all series, by method. */
function compareM4(train: string, test: string, season: number, note: Note) {
  const [histories, futures] = [readM4(train), readM4(test)];
  const progress = progressOf(note, histories.size);
  const errors: Record<string, { smape: number[]; mase: number[] }> = {};
  let done = 0;
  for (const [name, history] of histories) {
    const actual = futures.get(name);
    if (actual === undefined) throw invalidInput(`${test} has no series ${name}, which ${train} has`);
    const forecasts = {
      naive: asBefore(history, 1, actual.length),
      seasonalNaive: asBefore(history, season, actual.length),
      bursar: forecastSpend({ history, horizon: actual.length, season }).days.map(({ point }) => point),
    };
    for (const [method, forecast] of Object.entries(forecasts)) {
      errors[method] ??= { smape: [], mase: [] };
      errors[method].smape.push(smape(actual, forecast) ?? 0);
      const scaled = mase(history, actual, forecast, season);
      if (scaled !== null) errors[method].mase.push(scaled);
    }
    done += 1;
    progress(done);
  }
  const mean = (values: number[]) => Number(meanOf(values).toFixed(3));
  return Object.fromEntries(
    Object.entries(errors).map(([method, of]) => [method, { smape: mean(of.smape), mase: mean(of.mase) }]),
  );
}

/** The last `season` values again and again; of fewer the last one. */
function asBefore(history: readonly number[], season: number, horizon: number): number[] {
  return Array.from(
    { length: horizon },
    (_, at) => history.at((at % season) - season) ?? history.at(-1) ?? 0,
  );
}

function progressOf(note: Note, of: number): (done: number) => void {
  let notedAt = performance.now();
  return (done) => {
    if (performance.now() - notedAt < NOTE_EVERY_MS) return;
    notedAt = performance.now();
    note(`${done} of ${of}`);
  };
}

function share(value: number | null, times = 1): number | null {
  return value === null ? null : Number((times * value).toPrecision(4));
}
