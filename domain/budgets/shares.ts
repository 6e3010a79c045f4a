/** Shares are kept to a millionth, so that what they make of an amount is exact. */
export const SHARE_DECIMALS = 6;
const PARTS = 10 ** SHARE_DECIMALS;

/** The largest whole number of nano-dollars that is not over this share (0–1) of an amount. */
export function floorShare(amountNanoUsd: number, share: number): number {
  return shareOf(amountNanoUsd, share, Math.floor);
}

/** The smallest whole number of nano-dollars that is not under this share (0–1) of an amount. */
export function ceilShare(amountNanoUsd: number, share: number): number {
  return shareOf(amountNanoUsd, share, Math.ceil);
}

/**
 * In two parts, as amount × millionths need not be a safe integer. In floating point 0.57 × 100 is a hair
 * less than 57.
 */
function shareOf(amountNanoUsd: number, share: number, round: (value: number) => number): number {
  const millionths = Math.round(share * PARTS);
  const rest = amountNanoUsd % PARTS;
  return ((amountNanoUsd - rest) / PARTS) * millionths + round((rest * millionths) / PARTS);
}
