import { z } from '@hono/zod-openapi';
import { MAX_MEMORY_CHARACTERS, MEMORY_STATES, type Memory } from '../domain/memory.ts';

const time = z.iso.datetime();
const word = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^\P{C}*$/u, 'must not hold control characters');

export const newMemorySchema = z
  .strictObject({
    textContent: z.string().trim().min(1).max(MAX_MEMORY_CHARACTERS),
    type: word.default('note'),
    user: word.optional().openapi({ description: 'Whose it is; default is the key that posts it.' }),
  })
  .openapi('NewMemory');

export const memorySchema = z
  .object({
    id: z.string(),
    user: z.string(),
    textContent: z.string(),
    type: z.string(),
    state: z.enum(MEMORY_STATES),
    reason: z.string().nullable().openapi({ description: 'Why it waits or has failed.' }),
    problem: z.string().nullable(),
    dueAt: time.nullable(),
    label: z.string().nullable(),
    labelledBy: z.enum(['model', 'user']).nullable(),
    labelSetVersion: z.number().int().nullable(),
    duplicateOf: z.string().nullable(),
    createdAt: time,
    enrichedAt: time.nullable(),
  })
  .openapi('Memory');

export function toApiMemory(memory: Memory): z.infer<typeof memorySchema> {
  return {
    id: memory.id,
    user: memory.user,
    textContent: memory.text,
    type: memory.type,
    state: memory.state,
    reason: memory.reason ?? null,
    problem: memory.problem ?? null,
    dueAt: memory.dueAt?.toISOString() ?? null,
    label: memory.label ?? null,
    labelledBy: memory.labelledBy ?? null,
    labelSetVersion: memory.labelSetVersion ?? null,
    duplicateOf: memory.duplicateOf ?? null,
    createdAt: memory.createdAt.toISOString(),
    enrichedAt: memory.enrichedAt?.toISOString() ?? null,
  };
}
