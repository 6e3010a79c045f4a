/** The value that a share of all does not exceed. */
export function percentile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** So that figures can be read: three digits that count. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
