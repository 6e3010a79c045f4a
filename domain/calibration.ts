import type { Band } from './run.ts';

/**
 * What runs have taught about the outputs of one step, kept by organization, kind, step and model. A ratio is
 * the output tokens of a call over what the kind expects of it without any history (its cold p50), so that a
 * step that grows with its object (columns) calibrates like any other.
 */
export interface Calibration {
  step: string;
  /** All samples that there ever were; the last of them stand in `ratios`. */
  count: number;
  /** The newest last. */
  ratios: number[];
  /** The last runs, the newest last. */
  runs: RunLesson[];
}

/** What one run has taught about one step, over all of its calls. */
export interface RunLesson {
  /** Mean of its ratios, and of how many. */
  meanRatio: number;
  samples: number;
  /** Steps that were asked, and the calls that they took: more where answers needed a repair. */
  steps: number;
  calls: number;
  inputTokens: number;
  /** Of the input, what the provider served from its cache. */
  cachedTokens: number;
}

/** So many samples make a calibration; with fewer the kind's own figures count. */
const CALIBRATED_FROM = 10;
export const MAX_RATIOS = 200;
/** Of one run, so that several runs stand side by side in `ratios`. */
export const MAX_RATIOS_OF_RUN = 50;
export const MAX_RUNS = 20;

/** Where the ninetieth percentile of a normal distribution lies, in standard deviations. */
const Z90 = 1.2816;
/**
 * How far the mean of a run is taken to stray from that of the runs before, as a share of it, until runs have
 * shown how far they do: an assumption that weighs as much as three runs.
 */
const ASSUMED_SPREAD = 0.15;
const ASSUMED_WEIGHT = 3;

export function isCalibrated(calibration: Calibration | undefined): calibration is Calibration {
  return calibration !== undefined && calibration.ratios.length >= CALIBRATED_FROM;
}

/**
 * By what the cold expectation of a call is multiplied where a run makes so many of them. For a single call
 * it is about the p50 and p90 of the samples. The more calls there are, the more they average out: p50 goes
 * towards the mean (which lies above the median: answers are more often far too long than far too short) and
 * p90 comes closer, but never closer than whole runs stray from each other, and than so few samples tell.
 */
export function ratioBand({ ratios, runs }: Pick<Calibration, 'ratios' | 'runs'>, calls: number): Band {
  const { median, p90, deviation } = shapeOf(ratios);
  const { mean, spread } = runsOf(runs, meanOf(ratios));
  // The tail of one call as it was seen, of many as the normal distribution has it.
  const many = Z90 * deviation;
  const tail = many + (Math.max(1, p90) - 1 - many) / calls;
  // Runs differ by factors; the mean of one run before is off by as much as itself, that of many by less.
  const stray = Math.exp(Z90 * spread * Math.sqrt(1 + 1 / Math.max(1, runs.length))) - 1;
  const above = Math.hypot(tail / Math.sqrt(calls), many / Math.sqrt(ratios.length), stray);
  const middle = 1 - (1 - median) / calls;
  return { p50: mean * middle, p90: mean * Math.max(middle, 1 + above) };
}

/** Median, p90 and standard deviation of samples, as shares of their mean. */
function shapeOf(ratios: number[]) {
  const mean = meanOf(ratios);
  if (mean === 0) return { median: 1, p90: 1, deviation: 0 };
  const sorted = ratios.map((ratio) => ratio / mean).sort((a, b) => a - b);
  const deviation = Math.sqrt(meanOf(sorted.map((ratio) => (ratio - 1) ** 2)));
  return { median: quantile(sorted, 0.5), p90: quantile(sorted, 0.9), deviation };
}

/** The mean of runs, and by what share of it they stray; drawn to the assumed while there are few. */
function runsOf(runs: RunLesson[], meanOfSamples: number): { mean: number; spread: number } {
  const means = runs.filter(({ samples }) => samples > 0).map(({ meanRatio }) => meanRatio);
  const mean = means.length === 0 ? meanOfSamples : meanOf(means);
  const squares = sumOf(means.map((one) => (one / (mean || 1) - 1) ** 2));
  const assumed = ASSUMED_WEIGHT * ASSUMED_SPREAD ** 2;
  const spread = Math.sqrt((assumed + squares) / (ASSUMED_WEIGHT + Math.max(0, means.length - 1)));
  return { mean, spread };
}

/** Calls beyond the first of a step, as a share of the steps: repairs. */
export function extraCallShare(runs: readonly RunLesson[]): number {
  const steps = sumOf(runs.map((run) => run.steps));
  return steps === 0 ? 0 : Math.max(0, sumOf(runs.map((run) => run.calls)) / steps - 1);
}

/** Input tokens that were served from the provider's cache, as a share of all. */
export function cachedShare(runs: readonly RunLesson[]): number {
  const all = sumOf(runs.map((run) => run.inputTokens));
  return all === 0 ? 0 : Math.min(1, sumOf(runs.map((run) => run.cachedTokens)) / all);
}

/** Linear between the two nearest samples, as `PERCENTILE.INC` of spreadsheets. */
function quantile(sorted: number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] ?? 0;
  const high = sorted[Math.ceil(at)] ?? low;
  return low + (high - low) * (at - Math.floor(at));
}

function meanOf(values: number[]): number {
  return values.length === 0 ? 0 : sumOf(values) / values.length;
}

function sumOf(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
