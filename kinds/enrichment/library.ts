import type { Embedding, LabelSet, Memory } from '../../domain/memory.ts';

/** What enrichment needs of the store. */
export interface EnrichmentLibrary {
  memory(org: string, id: string): Promise<Memory | undefined>;
  /** An enriched memory of the same user with the same text. */
  enrichedTwin(org: string, memory: Memory): Promise<Memory | undefined>;
  /** The newest labels. */
  labelSet(org: string): Promise<LabelSet>;
  /** The models of both steps, as `provider/model`. */
  models(org: string): Promise<{ classification: string; embedding: string }>;
  /**
   * Ends a memory, with its vector. Repeating it changes nothing, and a person's label stays.
   */
  finish(
    org: string,
    id: string,
    result: { label: string; labelSetVersion: number; duplicateOf?: string; embedding?: Embedding },
  ): Promise<void>;
}
