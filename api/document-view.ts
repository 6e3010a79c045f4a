import { z } from '@hono/zod-openapi';
import type { DocumentVersion } from '../domain/project.ts';

const driftSchema = z.object({
  column: z.string().optional(),
  kind: z.enum(['declared_but_not_produced', 'produced_but_not_declared', 'contradicts_code']),
  message: z.string(),
});

export const documentStates = ['proposed', 'approved', 'rejected', 'superseded'] as const;

export const documentSchema = z
  .object({
    id: z.string(),
    project: z.string(),
    object: z.string(),
    name: z.string(),
    version: z.number().int(),
    state: z.enum(documentStates),
    content: z.object({
      text: z.record(z.string(), z.string()),
      columns: z.record(z.string(), z.string()).optional(),
    }),
    drift: z.array(driftSchema),
    run: z.string(),
    model: z.string(),
    createdAt: z.iso.datetime(),
    decidedBy: z.string().optional(),
    decidedAt: z.iso.datetime().optional(),
  })
  .openapi('Document');

export function toApiDocument(document: DocumentVersion): z.infer<typeof documentSchema> {
  const { inputHash: _inputHash, createdAt, decidedAt, content, ...rest } = document;
  return {
    ...rest,
    content: { ...content, text: { ...content.text } },
    createdAt: createdAt.toISOString(),
    ...(decidedAt === undefined ? {} : { decidedAt: decidedAt.toISOString() }),
  };
}
