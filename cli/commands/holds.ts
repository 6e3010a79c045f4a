import { randomUUID } from 'node:crypto';
import { type ScopeOptions, scopeOf } from '../budget-options.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { withSession } from '../session.ts';
import { localTime, plural, usd } from '../show/format.ts';
import { holdLines, holdTable } from '../show/holds.ts';

const NEEDS = { temporal: false, command: 'holds' };

/** `bursar holds list` */
export async function listHolds(
  context: CommandContext,
  { owner, state, limit }: { owner?: string; state?: string; limit: number },
): Promise<number> {
  const { output } = context;
  return withSession(context, NEEDS, async ({ client }) => {
    const filter = { ...(owner !== undefined && { owner }), ...(state !== undefined && { state }) };
    const page = await client.holds({ ...filter, limit: String(limit) });
    output.result(page);
    if (page.holds.length === 0) {
      const none = Object.keys(filter).length === 0 ? 'Nothing was ever set aside' : 'No hold is like that';
      output.line(`${none}. Runs hold by themselves; others with: bursar holds create --amount 5`);
      return EXIT.done;
    }
    for (const line of holdTable(page.holds, output.style)) output.line(line);
    if (page.has_more) output.line(`and ${plural(page.total - page.holds.length, 'more')} (--limit 100)`);
    return EXIT.done;
  });
}

/** `bursar holds show` */
export async function showHold(context: CommandContext, id: string): Promise<number> {
  const { output } = context;
  return withSession(context, NEEDS, async ({ client }) => {
    const hold = await client.hold(id);
    output.result(hold);
    for (const line of holdLines(hold, output.style)) output.line(line);
    return EXIT.done;
  });
}

export interface NewHoldOptions extends ScopeOptions {
  amount: number;
  /** Seconds. */
  ttl?: number;
  priority?: number;
  emergencyReason?: string;
  idempotencyKey?: string;
}

/** `bursar holds create`; a budget's no ends with its exit code. */
export async function createHold(context: CommandContext, options: NewHoldOptions): Promise<number> {
  const { output } = context;
  const { amount, ttl, priority, emergencyReason, idempotencyKey = randomUUID() } = options;
  const asked = {
    scope: scopeOf(options),
    amountUsd: amount,
    ...(ttl !== undefined && { ttlSeconds: ttl }),
    ...(priority !== undefined && { priority }),
    ...(emergencyReason !== undefined && { emergencyReason }),
  };
  return withSession(context, NEEDS, async ({ client }) => {
    const hold = await client.createHold(asked, idempotencyKey);
    output.result(hold);
    output.line(`${hold.id} holds ${usd(hold.leftUsd)} until ${localTime(hold.expiresAt)}.`);
    return EXIT.done;
  });
}

/** `bursar holds release` */
export async function releaseHold(context: CommandContext, id: string): Promise<number> {
  const { output } = context;
  return withSession(context, NEEDS, async ({ client }) => {
    const before = await client.hold(id);
    const hold = await client.releaseHold(id);
    output.result(hold);
    const freed = before.state === 'closed' ? 'was closed already' : `gave back ${usd(before.leftUsd)}`;
    output.line(`${hold.id} ${freed}.`);
    return EXIT.done;
  });
}
