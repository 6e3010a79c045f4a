/**
 * A decimal fraction that is not negative, exactly: digits × 10^-scale. Weights and metrics arrive as decimal
 * numbers, so sums of their products are worked out in decimal too: in binary fractions a cost that lies on a
 * half would fall on either side of it.
 */
export interface Decimal {
  digits: bigint;
  scale: number;
}

/**
 * The decimal that a number is written as, e.g. 0.1 as one tenth.
 * @throws RangeError for what is negative, infinite or not a number.
 */
export function decimalOf(value: number): Decimal {
  if (!Number.isFinite(value) || value < 0) throw new RangeError(`not a quantity: ${value}`);
  const [mantissa = '', exponent = '0'] = String(value).split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const scale = fraction.length - Number(exponent);
  const digits = BigInt(whole + fraction);
  return scale < 0 ? { digits: digits * 10n ** BigInt(-scale), scale: 0 } : { digits, scale };
}

export function times(a: Decimal, b: Decimal): Decimal {
  return { digits: a.digits * b.digits, scale: a.scale + b.scale };
}

/** Halved `times` times, which a decimal can do exactly: one half is five tenths. */
export function halved(value: Decimal, times: number): Decimal {
  return { digits: value.digits * 5n ** BigInt(times), scale: value.scale + times };
}

function sumOf(values: readonly Decimal[]): Decimal {
  const scale = Math.max(0, ...values.map((value) => value.scale));
  const digits = values.reduce((sum, value) => sum + digitsAt(value, scale), 0n);
  return { digits, scale };
}

/** The nearest integer, a half going up. */
function roundedHalfUp({ digits, scale }: Decimal): bigint {
  const one = 10n ** BigInt(scale);
  return (2n * digits + one) / (2n * one);
}

/**
 * Integers that lie at most one from each value and add up to their sum, rounded half up once: each value is
 * cut off, and what is then missing goes by ones to the largest remainders, of equal ones to the first.
 */
export function apportioned(values: readonly Decimal[]): bigint[] {
  const scale = Math.max(0, ...values.map((value) => value.scale));
  const one = 10n ** BigInt(scale);
  const parts = values.map((value, index) => {
    const digits = digitsAt(value, scale);
    return { index, floor: digits / one, remainder: digits % one };
  });
  const missing = roundedHalfUp(sumOf(values)) - parts.reduce((sum, { floor }) => sum + floor, 0n);
  const byRemainder = parts.toSorted((a, b) => Number(b.remainder - a.remainder) || a.index - b.index);
  for (const part of byRemainder.slice(0, Number(missing))) part.floor += 1n;
  return parts.map(({ floor }) => floor);
}

function digitsAt({ digits, scale }: Decimal, wanted: number): bigint {
  return digits * 10n ** BigInt(wanted - scale);
}
