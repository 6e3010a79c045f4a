/** What somebody wants to be remembered. */
export interface Memory {
  id: string;
  /** Whose it is, and on whose account its enrichment is. */
  user: string;
  text: string;
  type: string;
  /** SHA-256 of the text: the same text of the same user is enriched once. */
  hash: string;
  state: MemoryState;
  /** Why it is deferred, or has failed: a code for programs. */
  reason?: string;
  /** What failed, in words. */
  problem?: string;
  /** A deferred one is not taken before. */
  dueAt?: Date;
  label?: string;
  /** A person's label stays, whatever a model finds later. */
  labelledBy?: 'model' | 'user';
  labelSetVersion?: number;
  /** The memory that it is a copy of. */
  duplicateOf?: string;
  createdAt: Date;
  enrichedAt?: Date;
}

export const MEMORY_STATES = ['pending', 'processing', 'deferred', 'done', 'failed'] as const;
export type MemoryState = (typeof MEMORY_STATES)[number];

export const MAX_MEMORY_CHARACTERS = 8_000;
/** How many are taken at a time. */
export const MEMORIES_AT_ONCE = 10;

/** What a classification answers where no label fits. */
export const UNKNOWN_LABEL = 'unknown';

/** A label with its meaning and sentences that have it. */
export interface Label {
  name: string;
  description: string;
  examples: string[];
}

/** The labels of an organization, which never change: another set is another version. */
export interface LabelSet {
  version: number;
  labels: Label[];
}

/** A vector of a memory. */
export interface Embedding {
  memory: string;
  /** `provider/model`; vectors of different models cannot be compared. */
  model: string;
  dimensions: number;
  /** `vectorToText`. */
  vector: string;
}

/** What became of a memory that was taken. `dueAt` in milliseconds since 1970. */
export type TakenOutcome =
  | { seq: number; outcome: 'done' }
  | { seq: number; outcome: 'failed' }
  | { seq: number; outcome: 'deferred'; reason: string; dueAt: number };
