import type { Kind } from '../kind.ts';
import type { EnrichmentLibrary } from './library.ts';
import { writeEnrichment } from './offline.ts';
import { prepareMemory, refuseInput } from './prepare.ts';

/**
 * Enriches memories: a label and a vector for each. Its one run of an organization never ends, and gets its
 * items one by one (`workflows/enrichment.ts`), so that it plans nothing.
 */
export function createEnrichment({ enrichment: library }: { enrichment: EnrichmentLibrary }): Kind {
  return {
    name: 'enrichment',
    parseInput: refuseInput,
    freeze: async () => ({}),
    plan: async () => [],
    outline: async () => [],
    prepare: (run, item) => prepareMemory(library, run, item.key),
    writeOffline: writeEnrichment,
  };
}
