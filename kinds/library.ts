import type { DocumentationLibrary } from './documentation/library.ts';
import type { EnrichmentLibrary } from './enrichment/library.ts';
import type { IntelligenceLibrary } from './intelligence/library.ts';

/** What the kinds need of the store, each its own part. `store/library.ts` provides it. */
export interface Library {
  documentation: DocumentationLibrary;
  intelligence: IntelligenceLibrary;
  enrichment: EnrichmentLibrary;
}
