import type { Band } from './run.ts';

export function plus(a: Band, b: Band): Band {
  return { p50: a.p50 + b.p50, p90: a.p90 + b.p90 };
}

export function times(band: Band, factor: number): Band {
  return { p50: band.p50 * factor, p90: band.p90 * factor };
}

/** Each end with the same end of the other. */
export function product(a: Band, b: Band): Band {
  return { p50: a.p50 * b.p50, p90: a.p90 * b.p90 };
}
