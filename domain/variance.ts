import type { Basis } from './estimate.ts';
import type { Band, KindName } from './run.ts';

/** How a run's estimate and its actual cost compare. */
export interface Variance {
  kind: KindName;
  model: string;
  basis: Basis;
  estimateNanoUsd: Band;
  actualNanoUsd: number;
  /** (actual − p50) / p50 in percent; absent where nothing was expected to be spent. */
  errorPercent?: number;
  /**
   * Not above p90, and not further below p50 than p90 lies above it: eight runs of ten should be, as one in
   * ten should be above p90 and one as far below.
   */
  inBand: boolean;
  at: Date;
}

export function compareEstimate(
  estimate: { basis: Basis; costNanoUsd: Band },
  actualNanoUsd: number,
): Pick<Variance, 'basis' | 'estimateNanoUsd' | 'actualNanoUsd' | 'errorPercent' | 'inBand'> {
  const { p50, p90 } = estimate.costNanoUsd;
  return {
    basis: estimate.basis,
    estimateNanoUsd: { p50, p90 },
    actualNanoUsd,
    ...(p50 > 0 && { errorPercent: ((actualNanoUsd - p50) / p50) * 100 }),
    inBand: actualNanoUsd <= p90 && actualNanoUsd >= p50 - (p90 - p50),
  };
}

/** How well estimates did over some runs. Runs of which no cost was expected are left out. */
export interface Accuracy {
  runs: number;
  /** Share of runs that cost no more than p90; 0.9 is what the band promises. Null without runs. */
  coverage: number | null;
  /** Share of runs within the band. */
  inBandShare: number | null;
  meanAbsoluteErrorPercent: number | null;
  /** Mean of the signed errors: above 0 where runs cost more than their p50. */
  biasPercent: number | null;
}

export function accuracyOf(variances: readonly Variance[]): Accuracy {
  const errors = variances.flatMap(({ errorPercent }) => errorPercent ?? []);
  const known = variances.filter(({ errorPercent }) => errorPercent !== undefined);
  const shareOf = (test: (one: Variance) => boolean) => meanOf(known.map((one) => (test(one) ? 1 : 0)));
  return {
    runs: known.length,
    coverage: shareOf(({ actualNanoUsd, estimateNanoUsd }) => actualNanoUsd <= estimateNanoUsd.p90),
    inBandShare: shareOf(({ inBand }) => inBand),
    meanAbsoluteErrorPercent: meanOf(errors.map(Math.abs)),
    biasPercent: meanOf(errors),
  };
}

export interface AccuracyReport {
  overall: Accuracy;
  /** By the Monday (UTC) of the week in which runs ended, the oldest first. */
  weeks: (Accuracy & { week: string })[];
  /** By kind, model and basis. */
  groups: (Accuracy & { kind: KindName; model: string; basis: Basis })[];
}

export function reportAccuracy(variances: readonly Variance[]): AccuracyReport {
  const weeks = groupedBy(variances, ({ at }) => mondayOf(at));
  const groups = groupedBy(variances, ({ kind, model, basis }) => JSON.stringify([kind, model, basis]));
  return {
    overall: accuracyOf(variances),
    weeks: weeks.map(([week, of]) => ({ week, ...accuracyOf(of) })),
    groups: groups.flatMap(([, of]) => {
      const [first] = of;
      if (first === undefined) return [];
      return [{ kind: first.kind, model: first.model, basis: first.basis, ...accuracyOf(of) }];
    }),
  };
}

/** `YYYY-MM-DD` of the Monday at or before a time, in UTC. */
function mondayOf(at: Date): string {
  const daysSinceMonday = (at.getUTCDay() + 6) % 7;
  const midnight = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate() - daysSinceMonday);
  return new Date(midnight).toISOString().slice(0, 10);
}

/** In the order of the keys. */
function groupedBy<T>(list: readonly T[], keyOf: (one: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const one of list) {
    const group = groups.get(keyOf(one)) ?? [];
    group.push(one);
    groups.set(keyOf(one), group);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}

function meanOf(values: number[]): number | null {
  if (values.length === 0) return null;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
