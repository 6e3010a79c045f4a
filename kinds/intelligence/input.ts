import { z } from 'zod';
import type { Block } from '../../domain/company.ts';
import { invalidInput } from '../../domain/errors.ts';
import { detailsOf, firstProblem } from '../../domain/issues.ts';
import { parseBlocks } from './read/blocks.ts';

const id = z.string().min(1).max(200);

/** What a request says about an intelligence run. */
const intelligenceInput = z.strictObject({
  companyId: id,
  /** Beside which it is to be compared. */
  compareId: id.optional(),
  /** A file of blocks as YAML; those that come with Bursar where it is left out. */
  blocks: z.string().max(100_000).optional(),
  /** Only these blocks, and what they build on. */
  only: z.array(z.string().min(1).max(20)).min(1).max(40).optional(),
});

export type IntelligenceInput = z.infer<typeof intelligenceInput>;

/** The input as the run works on it: with the blocks themselves. */
export interface FrozenInput {
  companyId: string;
  compareId?: string;
  blocks: Block[];
  /** Empty without a second company. */
  comparison: Block[];
}

/** @throws AppError `invalid_input` naming the field. */
export function parseIntelligenceInput(value: unknown): IntelligenceInput {
  const parsed = intelligenceInput.safeParse(value);
  if (!parsed.success) {
    const details = detailsOf(parsed.error.issues);
    throw invalidInput(`the intelligence run is not valid: ${firstProblem(details)}`, details);
  }
  if (parsed.data.compareId === parsed.data.companyId)
    throw invalidInput('a company cannot be compared with itself', [
      { field: 'compareId', problem: 'must be another company than companyId' },
    ]);
  if (parsed.data.blocks !== undefined) parseBlocks(parsed.data.blocks);
  return parsed.data;
}
