import { z } from 'zod';
import { invalidInput } from '../../domain/errors.ts';
import { detailsOf, firstProblem } from '../../domain/issues.ts';
import { LAYERS, type Layer } from '../../domain/project.ts';

const name = z.string().min(1).max(500);

/** What a request says about a documentation run. */
const documentationInput = z.strictObject({
  projectId: name,
  /** Unique ids of the objects to document. */
  objectIds: z.array(name).min(1).max(10_000).optional(),
  /** Or a selection in dbt's grammar; all models where neither is given. */
  select: z.array(name).min(1).max(100).optional(),
  layers: z.array(z.enum(LAYERS)).min(1).optional(),
});

export type DocumentationInput = z.infer<typeof documentationInput>;

/** The input as the run works on it: checked against the project, whose revision is fixed. */
export interface FrozenInput {
  projectId: string;
  revision: number;
  /**
   * As asked for; all models where neither is given. The revision never changes, so neither does what they
   * mean.
   */
  objectIds?: string[];
  select?: string[];
  layers: Layer[];
}

/** @throws AppError `invalid_input` naming the field. */
export function parseDocumentationInput(value: unknown): DocumentationInput {
  const parsed = documentationInput.safeParse(value);
  if (!parsed.success) {
    const details = detailsOf(parsed.error.issues);
    throw invalidInput(`the documentation run is not valid: ${firstProblem(details)}`, details);
  }
  if (parsed.data.objectIds !== undefined && parsed.data.select !== undefined)
    throw invalidInput('give either objectIds or select, not both', [
      { field: 'select', problem: 'objectIds are given too' },
    ]);
  return parsed.data;
}
