import { ceilShare, SHARE_DECIMALS } from '../budgets/shares.ts';

/**
 * How far spending has come in a period for each share that people were told of: share in millionths → the
 * most spent, in nano-dollars, while it was over that share. The high-water mark: an edit of the amount or of
 * the shares makes nothing new of what was told below it.
 */
export type Told = Record<string, number>;

export function shareKey(share: number): string {
  return String(Math.round(share * 10 ** SHARE_DECIMALS));
}

/**
 * The shares of the amount that spending has reached and that nobody was told of: not of the share itself,
 * nor of a higher one, since spending came up to where the share stands now.
 */
export function sharesToTell(of: { alertAt: number[]; whole: number; spent: number; told: Told }): number[] {
  const { alertAt, whole, spent, told } = of;
  if (spent <= 0) return [];
  return alertAt.filter((share) => {
    const mark = ceilShare(whole, share);
    if (spent < mark) return false;
    const highest = Object.entries(told)
      .filter(([key]) => Number(key) >= Number(shareKey(share)))
      .map(([, upTo]) => upTo);
    // Of an amount of nothing every share stands at nothing: once is enough.
    return highest.length === 0 || mark > Math.max(...highest);
  });
}

/** The marks of shares that spending is over now: they move up with it, and never down. */
export function marksOf(of: { alertAt: number[]; whole: number; spent: number }): Told {
  if (of.spent <= 0) return {};
  const over = of.alertAt.filter((share) => of.spent >= ceilShare(of.whole, share));
  return Object.fromEntries(over.map((share) => [shareKey(share), of.spent]));
}
