/** Looked up once: a path makes thousands of draws, and the look-up of a global is slow in some runtimes. */
const { ceil, floor, imul, max } = Math;

/** The middle of the values; of an even number the mean of the two. 0 of nothing. */
export function median(values: readonly number[]): number {
  return quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}

/** The q-quantile of sorted values, between two of them in proportion. 0 of nothing. */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const at = (sorted.length - 1) * q;
  const low = sorted[max(0, floor(at))] ?? 0;
  const high = sorted[ceil(at)] ?? low;
  return low + (high - low) * (at - floor(at));
}

/** Median absolute deviation as an estimate of the standard deviation of normal noise (× 1.4826). */
export function robustDeviation(values: readonly number[]): number {
  const middle = median(values);
  return 1.4826 * median(values.map((value) => Math.abs(value - middle)));
}

/**
 * Random numbers from 0 to 1 that are always the same for one seed: a forecast does not change when it is
 * asked for again. "mulberry32" (Tommy Ettinger, public domain).
 */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** 0 of nothing. */
export function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : sumOf(values) / values.length;
}

export function sumOf(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

/** One number of the χ² distribution: the sum of so many squares of normal numbers. */
export function chiSquareOf(degreesOfFreedom: number, random: () => number): number {
  let sum = 0;
  // Two squares together are exponential; the odd one is made of a normal number (Box, Muller 1958).
  for (let left = degreesOfFreedom; left > 1; left -= 2) sum -= 2 * Math.log(1 - random());
  if (degreesOfFreedom % 2 === 1) sum -= 2 * Math.log(1 - random()) * Math.cos(2 * Math.PI * random()) ** 2;
  return sum;
}
