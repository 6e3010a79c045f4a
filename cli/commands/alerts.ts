import type { AlertDetail } from '../client/alerts.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { withSession } from '../session.ts';
import { alertLines, alertTable } from '../show/alerts.ts';

const NEEDS = { temporal: false, command: 'alerts' };

export interface AlertListOptions {
  all?: boolean;
  state?: string;
  type?: string;
  severity?: string;
  budget?: string;
  run?: string;
  limit?: number;
}

/** `bursar alerts list` */
export async function listAlerts(context: CommandContext, options: AlertListOptions): Promise<number> {
  const { output } = context;
  const { all, limit, ...named } = options;
  const state = all ? {} : { state: 'open' };
  return withSession(context, NEEDS, async ({ client }) => {
    const query = { ...state, ...named, ...(limit !== undefined && { limit: String(limit) }) };
    const page = await client.alerts(query);
    output.result(page);
    for (const line of alertTable(page.alerts, output.style)) if (page.alerts.length > 0) output.line(line);
    if (page.alerts.length === 0) output.line(all ? 'No alert so far.' : 'No alert is open.');
    else if (page.has_more) output.note(`${page.alerts.length} of ${page.total}; more with --limit`);
    return EXIT.done;
  });
}

/** `bursar alerts show` */
export async function showAlert(context: CommandContext, id: string): Promise<number> {
  return withSession(context, NEEDS, async ({ client }) => shown(context, await client.alert(id)));
}

/** `bursar alerts acknowledge` */
export async function acknowledgeAlert(
  context: CommandContext,
  id: string,
  options: { note?: string },
): Promise<number> {
  return withSession(context, NEEDS, async ({ client }) => {
    const note = options.note === undefined ? {} : { note: options.note };
    return shown(context, await client.acknowledgeAlert(id, note));
  });
}

/** `bursar alerts snooze` */
export async function snoozeAlert(
  context: CommandContext,
  id: string,
  options: { minutes: number; note?: string },
): Promise<number> {
  const { minutes, note } = options;
  return withSession(context, NEEDS, async ({ client }) => {
    const asked = { minutes, ...(note !== undefined && { note }) };
    return shown(context, await client.snoozeAlert(id, asked));
  });
}

function shown({ output }: CommandContext, alert: AlertDetail): number {
  output.result(alert);
  for (const line of alertLines(alert, output.style)) output.line(line);
  return EXIT.done;
}
