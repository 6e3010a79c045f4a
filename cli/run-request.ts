import { given } from '../domain/given.ts';
import type { NewRun } from './client/client.ts';
import type { DocumentOptions } from './commands/document.ts';

/** The run that somebody asks for with the options of `document`. */
export function documentationRun(projectId: string, options: DocumentOptions): NewRun {
  const { select, layers, concurrency, maxRetries, model, skipExisting, regenerateAll } = options;
  const { team, queue, user, priority, maxCost: maxCostUsd, emergencyReason } = options;
  return {
    kind: 'documentation',
    input: { projectId, ...given({ select, layers }) },
    options: given({
      concurrency,
      maxRetries,
      model,
      skipExisting,
      regenerateAll,
      priority,
      maxCostUsd,
      emergencyReason,
    }),
    scope: given({ team, queue, user }),
  };
}
