import type { GenerateRequest } from '../../../domain/llm.ts';

/** A small request, to be changed where a test needs it. */
export function requestOf(changes: Partial<GenerateRequest> = {}): GenerateRequest {
  return {
    model: 'offline/gpt-5-mini',
    system: 'You document data models.',
    context: 'select id, amount from payments',
    instruction: 'Write a summary.',
    maxOutputTokens: 400,
    offline: { kind: 'documentation', step: 'summary', facts: { object: { name: 'payments' } } },
    ...changes,
  };
}

/** What a promise was rejected with; fails where it was not. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it was expected to be rejected');
}

/** Never aborts. */
export const quiet = (): AbortSignal => new AbortController().signal;
