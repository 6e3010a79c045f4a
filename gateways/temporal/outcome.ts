import { isGrpcServiceError, type WorkflowHandle, WorkflowNotFoundError } from '@temporalio/client';
import { AppError } from '../../domain/errors.ts';

/** How the newest execution of a workflow stands; `missing` where there is none. */
export async function statusOf(handle: WorkflowHandle): Promise<'open' | 'closed' | 'missing'> {
  try {
    const description = await handle.describe();
    return description.status.name === 'RUNNING' ? 'open' : 'closed';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'missing';
    throw unavailable(error);
  }
}

/** What to throw in place of an error of the client: a server that does not answer may do so later. */
export function unavailable(error: unknown): unknown {
  if (!isGrpcServiceError(error)) return error;
  return new AppError('services_unavailable', 'the Temporal server did not answer', { cause: error });
}
