import { formatUsd, NANO_USD_PER_USD } from '../money.ts';

/** What there is to be told. Amounts in USD. */
interface Outlook {
  state: 'ok' | 'no_budget' | 'budget_exceeded' | 'stale' | 'insufficient_history';
  predictedUsd: number;
  budgetUsd: number | null;
  /** That the budget is used up within its period; null where nobody can tell. */
  probability: number | null;
  daysUntilOverrun: number | null;
  trend: 'rising' | 'falling' | 'flat';
}

const LIKELY = 0.5;
const POSSIBLE = 0.1;
/** Under this share of the budget money is left that could be of use elsewhere. */
const MUCH_LEFT = 0.5;

/** What to do, in one sentence, with the figure that says so. */
export function adviceFor(outlook: Outlook): string {
  const { state, predictedUsd, budgetUsd, probability, daysUntilOverrun, trend } = outlook;
  const predicted = usd(predictedUsd);
  const going = trend === 'flat' ? 'steady' : trend;
  if (state === 'stale')
    return `Costs wait to be counted: ${predicted} is told without them. See why, with bursar doctor.`;
  if (budgetUsd === null)
    return `No budget covers this: about ${predicted} will be spent by the end of the period, ${going}.`;
  const budget = usd(budgetUsd);
  if (state === 'budget_exceeded')
    return `The budget of ${budget} is used up: raise it, or wait for its next period.`;
  if (state === 'insufficient_history')
    return `There are too few days to tell more than their mean: ${predicted} of ${budget} will be spent.`;
  const chance = `${Math.round(100 * (probability ?? 0))} %`;
  if ((probability ?? 0) >= LIKELY)
    return (
      `Raise the budget or slow down: ${predicted} of ${budget} is expected, ${chance} likely to exceed it` +
      `${daysUntilOverrun === null ? '' : `, in about ${days(daysUntilOverrun)}`}.`
    );
  if ((probability ?? 0) >= POSSIBLE)
    return `Keep an eye on it: ${predicted} of ${budget} is expected, ${chance} likely to exceed it.`;
  if (predictedUsd < MUCH_LEFT * budgetUsd)
    return `Nothing to do: only ${predicted} of ${budget} is expected; the budget could be smaller.`;
  return `Nothing to do: ${predicted} of ${budget} is expected, ${going}.`;
}

function usd(amount: number): string {
  // A forecast may be more than any amount that can be stored.
  return formatUsd(amount * NANO_USD_PER_USD);
}

function days(count: number): string {
  return count === 1 ? '1 day' : `${count} days`;
}
