import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import { fingerprintOf } from '../domain/fingerprint.ts';
import type { Failure } from '../domain/run.ts';

/**
 * How a run ends that met an error which concerns all of its items. Failures are told apart by their type
 * alone.
 */
export function failureOf(error: unknown): { state: 'failed'; failure: Failure } {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  const known = cause instanceof ApplicationFailure && cause.type != null;
  const code = known ? (cause.type ?? 'unexpected') : 'unexpected';
  const message = known
    ? cause.message
    : 'Something went wrong inside Bursar; the Temporal Web UI has the details.';
  return { state: 'failed', failure: { code, message, fingerprint: fingerprintOf(code, message) } };
}
