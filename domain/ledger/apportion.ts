import type { Price, Usage } from '../money.ts';

/**
 * Shares of an amount in proportion to weights, as integers that add up to it exactly: what rounding down
 * leaves goes to the largest weights. A negative amount is split like its opposite. Without any weight all
 * goes to the first.
 */
function apportion(amount: number, weights: number[]): number[] {
  if (weights.length === 0) return [];
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const sign = amount < 0 ? -1 : 1;
  const whole = Math.abs(amount);
  const shares = weights.map((weight) => (sum === 0 ? 0 : Math.floor(whole * (weight / sum))));
  let rest = whole - shares.reduce((total, share) => total + share, 0);
  const order = weights
    .map((_, index) => index)
    .sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0) || a - b);
  for (let at = 0; rest !== 0; at = (at + 1) % order.length) {
    const step = rest > 0 ? 1 : -1;
    const index = order[at] ?? 0;
    if (step < 0 && shares[index] === 0) continue;
    shares[index] = (shares[index] ?? 0) + step;
    rest -= step;
  }
  return shares.map((share) => (share === 0 ? 0 : share * sign));
}

/** What the cost of a call consists of: `input, cachedRead, cachedWrite, output`, without what is nothing. */
export function componentsOfCall(cost: number, usage: Usage, price: Price): Record<string, number> {
  const cachedRead = usage.cachedReadTokens ?? 0;
  const cachedWrite = usage.cachedWriteTokens ?? 0;
  const plain = Math.max(0, usage.inputTokens - cachedRead - cachedWrite);
  const parts: [string, number][] = [
    ['input', plain * price.inputUsdPerMillion],
    ['cachedRead', cachedRead * (price.cachedReadUsdPerMillion ?? price.inputUsdPerMillion)],
    ['cachedWrite', cachedWrite * (price.cachedWriteUsdPerMillion ?? price.inputUsdPerMillion)],
    ['output', usage.outputTokens * price.outputUsdPerMillion],
  ];
  const shares = apportion(
    cost,
    parts.map(([, weight]) => weight),
  );
  return Object.fromEntries(
    parts.flatMap(([name], index) => ((shares[index] ?? 0) === 0 ? [] : [[name, shares[index] ?? 0]])),
  );
}
