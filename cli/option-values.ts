import { InvalidArgumentError } from 'commander';
import { LAYERS, type Layer } from '../domain/project.ts';

/** A parser for a whole number within bounds. */
export function wholeNumberFrom(minimum: number, maximum: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < minimum || value > maximum)
      throw new InvalidArgumentError(`It must be a whole number from ${minimum} to ${maximum}.`);
    return value;
  };
}

/** A parser for an amount of USD: `5`, `$5`, `0.25`. */
export function usdFrom(minimum: number) {
  return (text: string): number => {
    const value = Number(text.replace(/^\$/, ''));
    if (!/^\$?(\d+\.?\d*|\.\d+)$/.test(text) || value < minimum)
      throw new InvalidArgumentError(
        minimum > 0
          ? 'It must be an amount of USD over 0, e.g. 2.50.'
          : 'It must be an amount of USD, e.g. 2.50.',
      );
    return value;
  };
}

/** A parser for a share, as `0.75` or `75%`; in floating point 33.3 / 100 is a hair less. */
export function share(text: string): number {
  const [, number, sign] = /^(\d+\.?\d*|\.\d+)(%?)$/.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError('It must be a share, e.g. 0.75 or 75%.');
  return sign === '%' ? Math.round(Number(number) * 1e4) / 1e6 : Number(number);
}

/** Shares, with commas between them; repeated options alike. */
export function shareList(text: string, before: number[] = []): number[] {
  return [...before, ...text.split(',').map((each) => share(each.trim()))];
}

/** `a,b` and repeated options alike. */
export function wordList(text: string, before: string[] = []): string[] {
  const words = text.split(',').map((word) => word.trim());
  return [...new Set([...before, ...words.filter((word) => word !== '')])];
}

/** A parser for a time; what has no time zone is meant here. @returns ISO 8601 */
export function timeOf(text: string): string {
  const at = new Date(text);
  if (Number.isNaN(at.getTime()))
    throw new InvalidArgumentError('It must be a time, e.g. 2025-01-31T18:00 or 2025-01-31T18:00Z.');
  return at.toISOString();
}

/** `a,b` and repeated options alike. */
export function layerList(text: string, before: Layer[] = []): Layer[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !LAYERS.some((layer) => layer === name));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`There is no layer "${unknown}"; known: ${LAYERS.join(', ')}.`);
  return [...new Set([...before, ...(names as Layer[])])];
}
