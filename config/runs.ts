import type { Environment } from './environment.ts';

/** Whether memories are enriched, and how often some are taken. */
export function standingRuns(environment: Environment) {
  const { ENRICHMENT_WORKER_ENABLED: enabled, ENRICHMENT_POLL_INTERVAL_MS: pollIntervalMs } = environment;
  return { enabled, pollIntervalMs };
}

/** Which models answer where nobody has named one. */
export function usualModels({ BURSAR_MODEL: model, BURSAR_EMBEDDING_MODEL: embedding }: Environment) {
  return { model, embedding };
}
