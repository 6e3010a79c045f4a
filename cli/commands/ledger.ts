import type { CommandContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { withSession } from '../session.ts';
import { ledgerLines } from '../show/ledger.ts';

/** `bursar doctor --ledger`: computes every counter anew; any difference ends with exit code 1. */
export async function checkLedger(context: CommandContext): Promise<number> {
  const { output } = context;
  return withSession(context, { temporal: false, command: 'doctor' }, async ({ client }) => {
    const check = await client.checkLedger();
    output.result(check);
    for (const line of ledgerLines(check, output.style)) output.line(line);
    return check.differences.length === 0 ? EXIT.done : EXIT.unexpected;
  });
}
