import type { KindName } from '../domain/run.ts';
import { createDocumentation } from './documentation/index.ts';
import { createEnrichment } from './enrichment/index.ts';
import { createIntelligence } from './intelligence/index.ts';
import type { Kind } from './kind.ts';
import type { Library } from './library.ts';

export type Kinds = Record<KindName, Kind | undefined>;

/** Every kind of run there is. A new kind is a folder beside this file and one line here. */
const MAKERS = {
  documentation: (library: Library): Kind => createDocumentation(library.documentation),
  enrichment: (library: Library): Kind => createEnrichment(library.enrichment),
  intelligence: (library: Library): Kind => createIntelligence(library.intelligence),
};

/** In the order in which they are listed for people. */
export const KIND_NAMES = Object.keys(MAKERS);

export function createKinds(library: Library): Kinds {
  return Object.fromEntries(Object.entries(MAKERS).map(([name, make]) => [name, make(library)]));
}
