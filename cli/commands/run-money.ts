import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../domain/errors.ts';
import type { Client, Run } from '../client/client.ts';
import type { CommandContext } from '../context.ts';
import { withSession } from '../session.ts';
import { estimateLines } from '../show/estimate.ts';
import { usd } from '../show/format.ts';
import { goOn } from './run-controls.ts';

const MOMENT_MS = 3_000;
const LOOK_EVERY_MS = 100;
const CONTROLLING = { temporal: true, command: 'runs' };

/** `bursar runs approve`: the estimate that is shown, and no other. */
export async function approveRun(
  context: CommandContext,
  id: string,
  { maxCost, hash }: { maxCost?: number; hash?: string },
): Promise<number> {
  const { output } = context;
  return withSession(context, CONTROLLING, async (session) => {
    const { client } = session;
    const estimate = await client.runEstimate(id);
    if (hash !== undefined && hash !== estimate.hash)
      throw new AppError('conflict', `the run has another estimate by now: ${estimate.hash}`);
    for (const line of estimateLines(estimate, output.style.bold)) output.note(line);
    const cap = maxCost === undefined ? {} : { maxCostUsd: maxCost };
    const run = await client.approveRun(id, { hash: estimate.hash, ...cap });
    output.note(`Approved${maxCost === undefined ? '' : `, up to ${usd(maxCost)}`}.`);
    return goOn(context, session, await afterApproval(client, run));
  });
}

/** The run has the approval, and takes a moment to act on it. */
async function afterApproval(client: Client, first: Run): Promise<Run> {
  let run = first;
  for (const deadline = Date.now() + MOMENT_MS; Date.now() < deadline && run.waitReason === 'approval'; ) {
    await sleep(LOOK_EVERY_MS);
    run = await client.run(run.id);
  }
  return run;
}

/** `bursar runs bypass`: this run alone passes all budgets, but not its own limit. */
export async function bypassBudgets(
  context: CommandContext,
  id: string,
  { reason }: { reason: string },
): Promise<number> {
  return withSession(context, CONTROLLING, async (session) => {
    const run = await session.client.bypassBudgets(id, reason);
    context.output.note(`${id} passes all budgets from now on; this is audited.`);
    return goOn(context, session, run);
  });
}

/** `bursar runs set-limit` */
export async function setRunLimit(context: CommandContext, id: string, maxCost: number): Promise<number> {
  return withSession(context, CONTROLLING, async (session) => {
    const run = await session.client.setRunLimit(id, maxCost);
    context.output.note(`${id} may cost ${usd(maxCost)} at most from now on.`);
    return goOn(context, session, run);
  });
}
