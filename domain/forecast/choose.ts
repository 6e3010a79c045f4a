import { forecastBy, METHOD_NAMES, type MethodName } from './methods.ts';
import { type Prepared, prepare } from './prepare.ts';
import { sumOf } from './statistics.ts';

/** With fewer days there is no telling what the next ones will be like. */
export const LEAST_HISTORY_DAYS = 14;
/** Weeks that a method must have seen before it is tried, and of the past that it is tried on. */
const LEAST_TRAINING_WEEKS = 2;
const TRIAL_WEEKS = 8;
const TRIALS = 8;
/**
 * The method that does best on most series is left only for one that was clearly better: by more than chance
 * would have it, in the mean over the trials.
 */
const USUAL: MethodName = 'smoothing';

/** What came beside what had been forecast for some days of the past together. */
interface TrialTotal {
  /** Days of history that the method had seen. */
  origin: number;
  days: number;
  error: number;
}

/** How each method would have done, had it been asked before. */
export interface Choice {
  method: MethodName;
  /** Of the chosen method: Σ|error| / Σ|actual| over all days of the trials; null where nothing was spent. */
  backtestError: number | null;
  totals: TrialTotal[];
  /** How likely each method is to be the right one; all add up to 1. */
  shares: { method: MethodName; share: number }[];
}

/**
 * Tries every method from several days of the past on, each time with what was known by then, and takes the
 * one with the least error over days and totals. Where nothing can be tried it is the mean of seven days.
 * @param history spend per day, oldest first.
 * @param horizon days that are to be forecast.
 * @param season the length of a week.
 */
export function chooseMethod(history: readonly number[], horizon: number, season: number): Choice {
  const origins = originsOf(history.length, horizon, season);
  if (origins.length === 0) return { method: 'mean7', backtestError: null, totals: [], shares: [] };
  const known = origins.map((origin) => prepare(history.slice(0, origin), season));
  const tried = METHOD_NAMES.map((method) => tryOut(method, history, known, horizon));
  const usual = tried.find(({ method }) => method === USUAL) as Tried;
  const spans = separateSpans(history.length, origins, horizon);
  const better = tried.filter(({ scores }) => isClearlyBetter(scores, usual.scores, spans));
  const chosen = better.reduce((least, next) => (next.score < least.score ? next : least), usual);
  const { method, error, sum, totals } = chosen;
  return { method, backtestError: sum === 0 ? null : error / sum, totals, shares: sharesOf(tried, spans) };
}

/** Days of the past from which to look ahead: the last ones that have days behind them to compare with. */
function originsOf(count: number, horizon: number, season: number): number[] {
  if (count < LEAST_HISTORY_DAYS || horizon === 0) return [];
  const ahead = Math.min(horizon, season);
  const last = count - ahead;
  const first = Math.max(Math.min(LEAST_TRAINING_WEEKS * season, last), count - TRIAL_WEEKS * season);
  const step = Math.max(1, Math.ceil((last - first) / (TRIALS - 1)));
  const origins: number[] = [];
  for (let origin = last; origin >= first && origin >= season; origin -= step) origins.push(origin);
  return origins;
}

/** Trials that look at the same days tell the same: only so many count. */
function separateSpans(count: number, origins: readonly number[], horizon: number): number {
  const [last = 0, first = 0] = [origins[0], origins.at(-1)];
  return Math.min(origins.length, 1 + Math.floor((last - first) / Math.min(horizon, count - last)));
}

interface Tried {
  method: MethodName;
  /** Of each trial: how far off the days were, and their total, per day; and of all. */
  scores: number[];
  score: number;
  error: number;
  sum: number;
  totals: TrialTotal[];
}

function tryOut(
  method: MethodName,
  history: readonly number[],
  known: readonly Prepared[],
  horizon: number,
): Tried {
  const tried: Tried = { method, scores: [], score: 0, error: 0, sum: 0, totals: [] };
  for (const prepared of known) {
    const origin = prepared.history.length;
    const actual = history.slice(origin, origin + horizon);
    const forecast = forecastBy(method, prepared, actual.length);
    const error = sumOf(actual.map((value, step) => Math.abs(value - (forecast[step] ?? 0))));
    const total = sumOf(actual) - sumOf(forecast);
    // Days and their total matter alike: a method may be right on the whole and wrong each day.
    const score = (error + Math.abs(total)) / actual.length;
    tried.scores.push(score);
    tried.score += score;
    tried.error += error;
    tried.sum += sumOf(actual.map(Math.abs));
    tried.totals.push({ origin, days: actual.length, error: total });
  }
  return tried;
}

/** One-sided 90 % of Student's t, by degrees of freedom from one on: stricter tests miss growth. */
const STUDENT = [3.08, 1.89, 1.64, 1.53, 1.48, 1.44, 1.41];

/** Whether the mean gain over the trials is more than chance. */
function isClearlyBetter(scores: readonly number[], usual: readonly number[], spans: number): boolean {
  const gains = scores.map((score, at) => (usual[at] ?? 0) - score);
  const gain = sumOf(gains) / gains.length;
  const square = sumOf(gains.map((value) => (value - gain) ** 2));
  const critical = STUDENT[Math.min(spans, STUDENT.length + 1) - 2];
  return critical !== undefined && gain > critical * Math.sqrt(square / (gains.length - 1) / spans);
}

/** As the likelihood of Laplace errors has it: the mean absolute error to the power of −n. */
function sharesOf(tried: readonly Tried[], spans: number): Choice['shares'] {
  const least = Math.min(...tried.map(({ score }) => score));
  const weights = tried.map(({ score }) => (score === 0 ? 1 : (least / score) ** spans));
  const sum = sumOf(weights);
  return tried.map(({ method }, index) => ({ method, share: (weights[index] ?? 0) / sum }));
}
