import type { Company, Snapshot, Source } from '../../domain/company.ts';

/** What intelligence needs of the store. */
export interface IntelligenceLibrary {
  company(org: string, id: string): Promise<Company | undefined>;
  /** In the order of their labels. */
  sources(org: string, company: string): Promise<Source[]>;
  /** The newest answer to a block; see `subjectKeyOf`. */
  newestSnapshot(org: string, subject: string, block: string): Promise<Snapshot | undefined>;
  /** Repeating it under the same id changes nothing. */
  keepSnapshot(org: string, snapshot: Snapshot): Promise<void>;
  /** How long an answer counts as fresh, in days. */
  freshnessDays(org: string): Promise<number>;
}
