/** Everything that Temporal can start: the workflow bundle begins here. */
export { batch } from './batch.ts';
export { delivery } from './delivery.ts';
export { enrichment } from './enrichment.ts';
export { housekeeping } from './housekeeping.ts';
export { ingestion } from './ingestion.ts';
export { run } from './run.ts';
export { scheduledRun } from './scheduled-run.ts';
