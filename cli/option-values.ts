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

/** `a,b` and repeated options alike. */
export function layerList(text: string, before: Layer[] = []): Layer[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !LAYERS.some((layer) => layer === name));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`There is no layer "${unknown}"; known: ${LAYERS.join(', ')}.`);
  return [...new Set([...before, ...(names as Layer[])])];
}
