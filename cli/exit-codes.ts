import { CommanderError } from 'commander';
import { AppError, type ErrorCode } from '../domain/errors.ts';
import type { RunState, WaitReason } from '../domain/run.ts';

/** What the program ends with. Scripts depend on these numbers. */
export const EXIT = {
  done: 0,
  unexpected: 1,
  usage: 2,
  itemsFailed: 3,
  stoppedByBudget: 4,
  cancelled: 5,
} as const;

/** Somebody asked to stop with Ctrl-C or SIGTERM, or answered no. */
export class Interrupted extends Error {}

const WRONG_INPUT: ReadonlySet<ErrorCode> = new Set(['invalid_input', 'too_large', 'not_found']);
const BUDGET_SAYS_NO: ReadonlySet<ErrorCode> = new Set(['budget_exceeded', 'circuit_open']);

/** What a command that threw ends with. */
export function exitCodeOfError(error: unknown): number {
  if (error instanceof Interrupted) return EXIT.cancelled;
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (error instanceof AppError && WRONG_INPUT.has(error.code)) return EXIT.usage;
  if (error instanceof AppError && BUDGET_SAYS_NO.has(error.code)) return EXIT.stoppedByBudget;
  return EXIT.unexpected;
}

/** What a command ends with that followed a run up to this state, or stopped following it there. */
export function exitCodeOfRun(run: { state: RunState; waitReason: WaitReason | null }): number {
  if (run.state === 'completed') return EXIT.done;
  if (run.state === 'completed_with_errors') return EXIT.itemsFailed;
  if (run.state === 'cancelled' || run.state === 'cancelling') return EXIT.cancelled;
  if (run.state === 'rejected') return EXIT.stoppedByBudget;
  if (run.state === 'waiting' && STOPPED_BY_BUDGET.has(run.waitReason ?? 'failing'))
    return EXIT.stoppedByBudget;
  return EXIT.unexpected;
}

const STOPPED_BY_BUDGET: ReadonlySet<WaitReason> = new Set(['approval', 'budget', 'circuit_open']);
