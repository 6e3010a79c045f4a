import { formatUsd } from '../../domain/money.ts';
import type { Band } from '../../domain/run.ts';

/** `1 model`, `2 models`, `1,234 models`. */
export function plural(count: number, singular: string, many = `${singular}s`): string {
  return `${wholeNumber(count)} ${count === 1 ? singular : many}`;
}

/** With thousands separators. */
export function wholeNumber(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** USD as the API gives them, e.g. `$0.0042`. */
export function usd(amount: number): string {
  return formatUsd(Math.round(amount * 1e9));
}

/** `$0.01 – $0.02`, or one amount where both ends read the same. */
export function usdBand(band: Band): string {
  const [low, high] = [usd(band.p50), usd(band.p90)];
  return low === high ? low : `${low} – ${high}`;
}

/** `75%`, `99.9%`: rounded down, for 99.96 % is not everything yet. */
export function percent(share: number): string {
  return `${Math.floor(share * 1000 + 1e-9) / 10}%`;
}

/** `45 s`, `3 min 05 s`, `2 h 07 min`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${twoDigits(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${twoDigits(Math.floor((whole % 3600) / 60))} min`;
}

/** `12 s – 20 s`, or one where both ends read the same. */
export function durationBand(band: Band): string {
  const [low, high] = [duration(band.p50), duration(band.p90)];
  return low === high ? low : `${low} – ${high}`;
}

/** `2026-03-04 17:05` in the local time zone; only `17:05:09` where it is today. */
export function localTime(iso: string | null | undefined, now = new Date()): string {
  if (iso === null || iso === undefined) return '–';
  const at = new Date(iso);
  const day = `${at.getFullYear()}-${twoDigits(at.getMonth() + 1)}-${twoDigits(at.getDate())}`;
  const clock = `${twoDigits(at.getHours())}:${twoDigits(at.getMinutes())}`;
  return at.toDateString() === now.toDateString()
    ? `${clock}:${twoDigits(at.getSeconds())}`
    : `${day} ${clock}`;
}

/** `12 bytes`, `3.4 MB`: powers of 1,000, as disks are sold. */
export function byteSize(bytes: number): string {
  if (bytes < 1000) return plural(bytes, 'byte');
  const exponent = Math.min(4, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** exponent).toFixed(1)} ${['', 'kB', 'MB', 'GB', 'TB'][exponent]}`;
}

/** Cut to a width with an ellipsis. */
export function shorten(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
