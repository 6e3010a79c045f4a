/** A company that is analysed, as people know it. */
export interface Company {
  id: string;
  name: string;
  description: string;
  website?: string;
  createdAt: Date;
}

/** A document about a company: what claims are cited from. */
export interface Source {
  /** `S1`, `S2`, …: what citations name; never given twice. */
  label: string;
  title: string;
  text: string;
  /** SHA-256 of the text. */
  hash: string;
  addedAt: Date;
}

/** One question that is asked about a company, or about two of them. */
export interface Block {
  /** `NB1` … */
  id: string;
  title: string;
  question: string;
  /** Words that show where in the sources the answer stands. */
  lookFor: string[];
  /** Blocks whose answers it builds on. */
  after: string[];
  maxOutputTokens: number;
}

/** Whom a block is answered for: a company, or two of them beside each other. */
export type Subject = { company: string } | { company: string; beside: string };

/** Companies in one order, so that A beside B is B beside A. */
export function subjectKeyOf(subject: Subject): string {
  return 'beside' in subject ? [subject.company, subject.beside].sort().join('|') : subject.company;
}

/** One answer for each item of a run, however often it was tried. */
export function snapshotIdOf(run: string, seq: number): string {
  return `${run}:${seq}`;
}

/** The answer to a block as it was found once. Kept, and used again while it is fresh. */
export interface Snapshot {
  /** The run and the item that made it: see `snapshotIdOf`. */
  id: string;
  /** See `subjectKeyOf`. */
  subject: string;
  block: string;
  /** Of all that the answer was made from. */
  inputHash: string;
  text: string;
  model: string;
  run: string;
  createdAt: Date;
}

export const DEFAULT_SNAPSHOT_FRESHNESS_DAYS = 30;
