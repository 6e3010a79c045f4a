import type { KindName } from '../domain/run.ts';
import * as all from './all.ts';
import type { Kind } from './kind.ts';
import type { Library } from './library.ts';

export type Kinds = Record<KindName, Kind | undefined>;

const makers: Record<KindName, (library: Library) => Kind> = all;

/** In the order in which they are listed for people. */
export const KIND_NAMES = Object.keys(makers).sort();

export function createKinds(library: Library): Kinds {
  return Object.fromEntries(KIND_NAMES.map((name) => [name, makers[name]?.(library)]));
}
