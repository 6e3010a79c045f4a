import { setTimeout as sleep } from 'node:timers/promises';
import { invalidInput } from '../../domain/errors.ts';
import { isEnded, type RunState } from '../../domain/run.ts';
import type { Client, Run } from '../client/client.ts';
import type { CommandContext } from '../context.ts';
import { EXIT, Interrupted } from '../exit-codes.ts';
import { type Session, withSession } from '../session.ts';
import { confirm } from '../show/confirm.ts';
import { estimateLines } from '../show/estimate.ts';
import { shownState } from '../show/run-display.ts';
import { followToEnd } from './runs.ts';

const LOOK_EVERY_MS = 300;
/** A pause is complete when what is under way has ended its step, which a slow model may take minutes for. */
const QUIET_LIMIT_MS = 15 * 60_000;

const CONTROLLING = { temporal: true, command: 'runs' };

/** `bursar runs pause`: waits until the run is quiet, as own services would otherwise stop before. */
export async function pauseRun(context: CommandContext, id: string): Promise<number> {
  return withSession(context, CONTROLLING, async ({ client }) => {
    await client.pauseRun(id);
    return settled(context, client, id, (run) => run.state === 'paused');
  });
}

/** `bursar runs cancel`: waits until it has ended. */
export async function cancelRun(context: CommandContext, id: string): Promise<number> {
  return withSession(context, CONTROLLING, async ({ client }) => {
    await client.cancelRun(id);
    return settled(context, client, id, () => false);
  });
}

/** `bursar runs resume` */
export async function resumeRun(context: CommandContext, id: string): Promise<number> {
  return withSession(context, CONTROLLING, async (session) =>
    goOn(context, session, await session.client.resumeRun(id)),
  );
}

/** `bursar runs retry`: shows what it will probably cost, asks, and starts it. */
export async function retryRun(
  context: CommandContext,
  id: string,
  { fingerprint, yes }: { fingerprint?: string; yes?: boolean },
): Promise<number> {
  const { output, interrupts } = context;
  if (!yes && !process.stdin.isTTY)
    throw invalidInput('there is no terminal to ask for confirmation: add --yes to start');
  return withSession(context, CONTROLLING, async (session) => {
    const { client } = session;
    const estimate = await client.retryEstimate(id, fingerprint === undefined ? {} : { fingerprint });
    for (const line of estimateLines(estimate, output.style.bold)) output.note(line);
    if (!yes && !(await confirm('Try again?', interrupts.first)))
      throw new Interrupted('nothing was started');
    return goOn(context, session, await client.retryRun(id, fingerprint));
  });
}

/** `bursar runs set-concurrency` */
export async function setConcurrency(
  context: CommandContext,
  id: string,
  concurrency: number,
): Promise<number> {
  return withSession(context, CONTROLLING, async ({ client }) => {
    const run = await client.setConcurrency(id, concurrency);
    context.output.result(run);
    context.output.line(`${run.id} goes on with ${concurrency} at a time.`);
    return EXIT.done;
  });
}

/**
 * With own services the command stays until the end, for they carry the run; else the run goes on by itself.
 */
export async function goOn(context: CommandContext, session: Session, run: Run): Promise<number> {
  if (session.own) return followToEnd(context, session, run, false);
  context.output.result(run);
  context.output.line(
    `${run.id} is ${shownState(run)}. Watch it: bursar runs watch ${run.id}${session.urlOption}`,
  );
  return EXIT.done;
}

async function settled(
  { output }: CommandContext,
  client: Client,
  id: string,
  isThere: (run: Run) => boolean,
): Promise<number> {
  const deadline = Date.now() + QUIET_LIMIT_MS;
  let run = await client.run(id);
  let said = '';
  while (!isThere(run) && !isEnded(run.state as RunState) && Date.now() < deadline) {
    if (run.message !== said) output.note(`${shownState(run)}: ${run.message}`);
    said = run.message;
    await sleep(LOOK_EVERY_MS);
    run = await client.run(id);
  }
  output.result(run);
  output.line(`${run.id} is ${shownState(run)}.`);
  return EXIT.done;
}
