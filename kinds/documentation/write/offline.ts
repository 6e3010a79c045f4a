import type { DocumentationFacts, Layer } from '../../../domain/project.ts';
import { writeBusiness } from './business.ts';
import { writeColumns } from './columns.ts';
import { writeLimitations } from './limitations.ts';
import { writeLineage } from './lineage.ts';
import { type Reading, readObject } from './reading.ts';
import { writeSummary } from './summary.ts';
import { writeTechnical } from './technical.ts';

const WRITERS: Record<Layer, (reading: Reading) => string> = {
  summary: writeSummary,
  business: writeBusiness,
  technical: writeTechnical,
  columns: writeColumns,
  lineage: writeLineage,
  limitations: writeLimitations,
};

/**
 * Writes a layer from the facts alone: the same facts give the same text, and what they do not show is
 * said to be unknown. `facts` are `DocumentationFacts`; the answer is Markdown, or JSON text for
 * `columns`.
 */
export function writeDocumentation(step: string, facts: unknown): string {
  const write = WRITERS[step as Layer];
  if (write === undefined) throw new RangeError(`no such layer: ${step}`);
  return write(readObject(facts as DocumentationFacts));
}
