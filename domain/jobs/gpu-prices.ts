/** What an hour of one GPU costs at a provider from a day on. */
export interface GpuPrice {
  /** Lower-case, as is `gpuType`. */
  provider: string;
  gpuType: string;
  /** From the beginning of this day, UTC, YYYY-MM-DD. */
  from: string;
  nanoUsdPerHour: number;
}

/** That an organization may set: many times as many as there are types to rent. */
export const MAX_GPU_PRICES = 500;

const LISTED: [provider: string, gpuType: string, from: string, usdPerHour: number][] = [
  // An instance's price on demand in the cheapest region of the USA, divided by its GPUs.
  ['aws', 'h100', '2023-07-26', 12.29],
  ['aws', 'h100', '2025-06-01', 6.88],
  ['aws', 'a100', '2020-11-02', 4.096],
  ['aws', 'a100', '2025-06-01', 2.745],
  ['aws', 'v100', '2017-10-25', 3.06],
  ['aws', 'a10g', '2021-11-11', 1.006],
  ['aws', 't4', '2019-09-20', 0.526],
  ['aws', 'l4', '2024-04-04', 0.8048],
  ['gcp', 'h100', '2023-09-01', 11.06],
  ['gcp', 'a100', '2021-03-18', 3.673],
  ['gcp', 'v100', '2018-04-01', 2.48],
  ['gcp', 'l4', '2023-05-01', 0.7068],
  ['gcp', 't4', '2019-04-01', 0.35],
  ['azure', 'h100', '2023-08-07', 6.98],
  ['azure', 'a100', '2022-05-01', 3.673],
  ['azure', 'v100', '2018-03-01', 3.06],
  ['azure', 't4', '2021-06-01', 0.526],
];

/** Where the listed prices are from, for people who look at them. */
export const LISTED_SOURCE =
  'the providers’ published prices on demand in the USA, an instance divided by its GPUs; ' +
  'set your own where you pay others';

/** List prices of those that are common; an organization's own ones win. */
export const LISTED_GPU_PRICES: readonly GpuPrice[] = LISTED.map(([provider, gpuType, from, usd]) => ({
  provider,
  gpuType,
  from,
  nanoUsdPerHour: Math.round(usd * 1e9),
}));

/**
 * The price of a GPU at a time: the newest of its own ones that has begun, else of the listed ones. Where a
 * job could have run on several types, `v100|a100`, it is the dearest of them.
 * @returns undefined where a price is not known.
 */
export function gpuPriceAt(
  own: readonly GpuPrice[],
  { provider, gpuType }: Pick<GpuPrice, 'provider' | 'gpuType'>,
  at: Date,
): number | undefined {
  const day = at.toISOString().slice(0, 10);
  const prices = gpuType.split('|').map((type) => {
    const alike = (price: GpuPrice) =>
      price.provider === provider && price.gpuType === type && price.from <= day;
    return newest(own.filter(alike)) ?? newest(LISTED_GPU_PRICES.filter(alike));
  });
  if (prices.some((price) => price === undefined)) return undefined;
  return Math.max(...prices.map((price) => price?.nanoUsdPerHour ?? 0));
}

function newest(prices: readonly GpuPrice[]): GpuPrice | undefined {
  return prices.reduce<GpuPrice | undefined>(
    (best, price) => (best === undefined || price.from > best.from ? price : best),
    undefined,
  );
}
