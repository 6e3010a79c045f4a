import { decimalUsd, formatUsd } from '../money.ts';

/** For people: what a report's numbers and names look like. */

/** USD as the report has them, e.g. `$1,234.50`, `$0.0042`. */
export function usd(amount: number): string {
  const [whole = '', decimals] = formatUsd(nanoOf(amount)).split('.');
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${decimals ?? '00'}`;
}

/** An amount of a report is a whole number of nano-dollars. */
function nanoOf(amount: number): number {
  return Math.round(amount * 1e9);
}

/** An amount with all its digits and no exponent, e.g. `0.000000001`. */
export function exactUsd(amount: number): string {
  return decimalUsd(nanoOf(amount));
}

/** `12.3%`, of a number of percent; `–` where there is none. */
export function percent(value: number | null): string {
  return value === null ? '–' : `${value.toFixed(1)}%`;
}

/** With a sign, for changes. */
export function signedPercent(value: number | null): string {
  return value !== null && value > 0 ? `+${percent(value)}` : percent(value);
}

/** With thousands separators. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** `45 min`, `3.5 h`. */
export function hours(value: number): string {
  return value < 1 ? `${Math.round(value * 60)} min` : `${value.toFixed(1)} h`;
}

const NOTHING = '(none)';

/** A name on one line: others have given it, and no terminal or page may take part of it for a command. */
export function nameOf(line: { name: string | null; others?: number | undefined }): string {
  if (line.others !== undefined) return `(${plural(line.others, 'other')})`;
  return line.name === null ? NOTHING : oneLine(line.name);
}

/** Text of others on one line, without what is not shown. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/\p{C}/gu, '').trim();
}
