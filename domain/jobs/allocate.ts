/** Something that takes its share of an amount. */
export interface Share {
  id: string;
  /** Not negative. */
  weight: bigint;
}

/**
 * Splits whole nano-dollars by weights, so that the parts add up to the amount exactly: each gets its share
 * rounded down, and what is left goes, one by one, to those that lost most by rounding; of equal ones to the
 * lower id. The result does not depend on the order. Without any weight there are no parts.
 */
export function allocate(amountNanoUsd: number, shares: readonly Share[]): Map<string, number> {
  const present = shares.filter(({ weight }) => weight > 0n);
  const total = present.reduce((sum, { weight }) => sum + weight, 0n);
  const amount = BigInt(amountNanoUsd);
  const parts = present.map(({ id, weight }) => {
    const exact = amount * weight;
    return { id, part: Number(exact / total), lost: exact % total };
  });
  let rest = amountNanoUsd - parts.reduce((sum, { part }) => sum + part, 0);
  const byLoss = [...parts].sort((a, b) =>
    a.lost === b.lost ? (a.id < b.id ? -1 : 1) : a.lost > b.lost ? -1 : 1,
  );
  for (const each of byLoss) {
    if (rest <= 0) break;
    each.part += 1;
    rest -= 1;
  }
  return new Map(parts.map(({ id, part }) => [id, part]));
}
