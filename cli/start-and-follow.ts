import { randomUUID } from 'node:crypto';
import type { NewRun, Run } from './client/client.ts';
import type { CommandContext } from './context.ts';
import { Interrupted } from './exit-codes.ts';
import { followRun } from './follow-run.ts';
import type { Session } from './session.ts';

/**
 * Starts a run and follows it until it has ended or waits for somebody.
 * The first Ctrl-C cancels the run.
 * @throws Interrupted where the second Ctrl-C left the run to itself
 */
export async function startAndFollow(
  context: CommandContext,
  session: Session,
  request: NewRun,
  wait: boolean,
): Promise<Run> {
  await session.complete;
  context.interrupts.first.throwIfAborted();
  return followStarted(context, session, await session.patient.startRun(request, randomUUID()), wait);
}

/** The same for a run that somebody has started already. @throws Interrupted likewise */
export async function followStarted(
  { output, interrupts }: CommandContext,
  session: Session,
  started: Run,
  wait: boolean,
): Promise<Run> {
  const { id, temporalUrl } = started;
  output.note(`Run ${id}${temporalUrl === null ? '' : `, in Temporal: ${temporalUrl}`}`);
  const run = await followRun(started, {
    client: session.patient,
    output,
    interrupts,
    wait,
    onInterrupt: 'cancel',
  });
  if (interrupts.second.aborted)
    throw new Interrupted(`left; the run may go on: bursar runs watch ${id}${session.urlOption}`);
  return run;
}
