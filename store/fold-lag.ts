import type { Collections } from './collections.ts';
import type { Fold } from './fold.ts';

/** A fold that lives begins a batch every flush interval, a second by default, while there are costs. */
const BEHIND_MINUTES = 5;

/** Tells whether sums of costs can be believed. */
export function createFoldLag({ entries, foldModel, foldOnce }: Pick<Collections, 'entries'> & Fold) {
  /**
   * Whether there are costs that nobody counts: no batch has begun for five minutes, and none can be made
   * now.
   */
  return async function foldIsStuck(): Promise<boolean> {
    if ((await entries.unposted(1)).length === 0) return false;
    const last = await foldModel.findOne({}).lean<{ minute: number }>();
    if (last !== null && Date.now() / 60_000 - last.minute <= BEHIND_MINUTES) return false;
    try {
      await foldOnce();
      return false;
    } catch {
      return true;
    }
  };
}
