/** A decimal fraction, exactly: digits × 10^-scale, with its sign. */
export interface Amount {
  digits: bigint;
  scale: number;
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i;
const NANO_SCALE = 9;
/** More digits than any cost has; reading millions of them would take its time. */
const MAX_CHARACTERS = 100;

/** The amount that a text writes, perhaps with an exponent; undefined for what is no number. */
export function readAmount(text: string): Amount | undefined {
  const match = text.length > MAX_CHARACTERS ? null : DECIMAL.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const scale = fraction.length - Number(exponent);
  const digits = BigInt(`${whole}${fraction}`) * 10n ** BigInt(Math.max(0, -scale));
  return { digits: sign === '-' ? -digits : digits, scale: Math.max(0, scale) };
}

/** Of an amount of USD, rounded half up once. */
export function nanoUsdOf({ digits, scale }: Amount): bigint {
  if (scale <= NANO_SCALE) return digits * 10n ** BigInt(NANO_SCALE - scale);
  const one = 10n ** BigInt(scale - NANO_SCALE);
  return floorDivide(2n * digits + one, 2n * one);
}

/**
 * Rounds amounts to nano-dollars so that they add up to their exact sum, rounded once: each is what the
 * rounded sum grows by. So a file of costs below a nano-dollar keeps what it costs, and the same amounts in
 * the same order come to the same numbers.
 */
export function createRunningSum() {
  let sum: Amount = { digits: 0n, scale: NANO_SCALE };
  return {
    add(amount: Amount): bigint {
      const scale = Math.max(sum.scale, amount.scale);
      const next = { digits: digitsAt(sum, scale) + digitsAt(amount, scale), scale };
      const part = nanoUsdOf(next) - nanoUsdOf(sum);
      sum = next;
      return part;
    },
  };
}

function digitsAt({ digits, scale }: Amount, wanted: number): bigint {
  return digits * 10n ** BigInt(wanted - scale);
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}
