/**
 * A histogram on a logarithmic scale: buckets are 5 % apart, so a percentile is within 2.5 % of the true one,
 * and sketches of different days add up by adding their counts.
 */
const GAMMA = 1.05;
const LOG_GAMMA = Math.log(GAMMA);

/** Credits and nothing at all have a bucket each. */
const NOTHING = 'z';
const BELOW = 'n';

/** The name of the bucket of an amount. */
export function bucketOf(amount: number): string {
  if (amount === 0) return NOTHING;
  if (amount < 0) return BELOW;
  return `b${Math.ceil(Math.log(amount) / LOG_GAMMA)}`;
}

/** The value that a share of all amounts does not exceed; 0 for an empty sketch. */
export function percentileOf(sketch: Readonly<Record<string, number>>, share: number): number {
  const buckets = Object.entries(sketch)
    .map(([name, count]) => ({ at: orderOf(name), count }))
    .sort((a, b) => a.at - b.at);
  const total = buckets.reduce((sum, { count }) => sum + count, 0);
  let seen = 0;
  for (const { at, count } of buckets) {
    seen += count;
    // The middle of the bucket, on the scale of the buckets.
    if (seen >= share * total) return at < 0 ? 0 : Math.round((2 * GAMMA ** at) / (1 + GAMMA));
  }
  return 0;
}

function orderOf(name: string): number {
  if (name === BELOW) return -2;
  if (name === NOTHING) return -1;
  return Number(name.slice(1));
}
