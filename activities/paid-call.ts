import { billingOf, failureBehind } from '../domain/billing.ts';
import { costOfUsage, type Usage, worstCostOf } from '../domain/money.ts';
import type { Entry } from '../store/entries.ts';
import type { Hold, OpenDraw } from '../store/holds.ts';
import type { Line } from './hold-book.ts';
import type { ActivityDeps } from './index.ts';
import type { Attempt } from './process-item.ts';

/** What a call has cost, on its way into the ledger. */
export interface PaidCall {
  draw: string;
  usage: Usage;
  costNanoUsd: number;
  /** Resolves once the ledger has it. */
  settled: Promise<void>;
}

/** One call to be made. What a failed one has cost is told to `onBilled` before the failure is thrown. */
export interface Ask<Result extends { usage: Usage }> {
  step: string;
  model: string;
  inputTokens: number;
  maxOutputTokens: number;
  call(paidBy: { org: string; callId: string }): Promise<Result>;
  onBilled(call: PaidCall): void;
}

/**
 * Makes one call of the model. Its worst case is set aside before, under an id that becomes the entry's;
 * after it the entry is written and the rest goes back. A call that was refused unbilled leaves no entry;
 * one whose cost nobody knows counts at its worst.
 * @throws Blocked where a budget says no; what the model throws.
 */
export async function paidCall<Result extends { usage: Usage }>(
  deps: ActivityDeps,
  attempt: Attempt,
  { step, onBilled, ...ask }: Ask<Result>,
): Promise<Result> {
  const line = await attempt.lineFor(ask.model);
  const worst = worstCostOf(ask, line.price);
  const open = { draw: attempt.nextDraw(), seq: attempt.item.seq, step, worst };
  const at = deps.now();
  const hold = await setAside(deps, attempt, line, open);
  const price = hold.price ?? line.price;
  const entryOf = async (cost: Pick<Entry, 'costNanoUsd'> & Partial<Entry>): Promise<Entry> => {
    const day = await deps.dayOf(hold.org, at);
    return { id: open.draw, org: hold.org, hold: hold._id, step, at, day, ...cost };
  };
  const bill = (usage: Usage): PaidCall => {
    const costNanoUsd = costOfUsage(usage, price);
    const settled = settle(deps, hold, open, entryOf({ costNanoUsd, usage }));
    // Whoever asked awaits it beside other writes; should they throw first, it must not end the process.
    settled.catch(() => {});
    return { draw: open.draw, usage, costNanoUsd, settled };
  };
  try {
    const result = await ask.call({ org: line.org, callId: open.draw });
    onBilled(bill(result.usage));
    return result;
  } catch (thrown) {
    const billing = billingOf(failureBehind(thrown), attempt.signal.aborted);
    if (billing === 'unbilled') await deps.settlements.settle(hold, open, 'never_called');
    else if (billing === 'unknown')
      await settle(deps, hold, open, entryOf({ costNanoUsd: worst, flag: 'assumed' }));
    else onBilled(bill(billing.billed));
    throw thrown;
  }
}

async function setAside(
  deps: ActivityDeps,
  { signal }: Attempt,
  line: Line,
  open: Omit<OpenDraw, 'at'>,
): Promise<Hold> {
  try {
    return await deps.holdBook.draw(line, open, signal);
  } catch (error) {
    // The answer may have got lost, not the draw: whoever finds it open is to know that nothing was called.
    deps.settlements.neverCalled(open.draw);
    throw error;
  }
}

async function settle(
  deps: ActivityDeps,
  hold: Hold,
  open: Pick<OpenDraw, 'draw' | 'worst'>,
  entry: Promise<Entry>,
): Promise<void> {
  await deps.settlements.settle(hold, open, await entry);
}
