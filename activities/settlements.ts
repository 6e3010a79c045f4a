import { setTimeout as sleep } from 'node:timers/promises';
import { keepAtMost } from '../domain/keep-at-most.ts';
import type { Entry } from '../store/entries.ts';
import type { Hold, OpenDraw } from '../store/holds.ts';
import type { Store } from '../store/index.ts';

type Draw = Pick<OpenDraw, 'draw' | 'worst'>;
type HoldRef = Pick<Hold, '_id' | 'org'>;

/** What a process knows of a draw that the database may not know: its cost, or that nothing was called. */
export type Known = Entry | 'never_called';

const MAX_KNOWN = 50_000;
const AGAIN_AFTER_MS = 1_000;
const MAX_TRIES = 600;

/**
 * Settles calls, and remembers what they cost until the ledger has it: while MongoDB is away a cost that is
 * known must not become one that is assumed.
 */
export function createSettlements(store: Pick<Store, 'settle' | 'holds'>) {
  const known = new Map<string, Known>();

  function remember(draw: string, what: Known): void {
    keepAtMost(MAX_KNOWN, known, draw, what);
  }

  async function carryOut(hold: HoldRef, draw: Draw, what: Known): Promise<void> {
    if (what === 'never_called') await store.holds.closeDraw(hold._id, draw.draw, draw.worst);
    else await store.settle(hold, draw, what, true);
    known.delete(draw.draw);
  }

  /** Goes on until it is done: nobody else may come back to this draw. */
  async function insist(hold: HoldRef, draw: Draw, what: Known): Promise<void> {
    for (let attempt = 0; attempt < MAX_TRIES && known.has(draw.draw); attempt += 1) {
      await sleep(AGAIN_AFTER_MS, undefined, { ref: false });
      await carryOut(hold, draw, what).catch(() => {});
    }
  }

  async function settle(hold: HoldRef, draw: Draw, what: Known): Promise<void> {
    remember(draw.draw, what);
    try {
      await carryOut(hold, draw, what);
    } catch (error) {
      void insist(hold, draw, what);
      throw error;
    }
  }

  return {
    settle,
    /** Nothing was called under this draw, though it may be set aside: the answer to it got lost. */
    neverCalled: (draw: string): void => remember(draw, 'never_called'),
    /** What this process knows of a draw that is open still. */
    known: (draw: string): Known | undefined => known.get(draw),
  };
}

export type Settlements = ReturnType<typeof createSettlements>;
