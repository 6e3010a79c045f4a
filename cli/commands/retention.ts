import { given } from '../../domain/given.ts';
import { everyPage } from '../client/every-page.ts';
import type { ArchiveRow, RetentionStatus } from '../client/retention.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { withSession } from '../session.ts';
import { plural, wholeNumber } from '../show/format.ts';
import { tableLines } from '../show/table.ts';

const NEEDS = { temporal: false, command: 'retention' };
const STATUS = ['collection', 'kept', 'at hand', 'oldest', 'archives', 'rows', 'bytes'];
const ARCHIVES = ['archive', 'state', 'rows', 'bytes', 'at'];

export interface ArchiveListOptions {
  collection?: RetentionStatus['collection'];
}

/** `bursar retention status` */
export async function showRetention(context: CommandContext): Promise<number> {
  const { output } = context;
  return withSession(context, NEEDS, async ({ client }) => {
    const answer = await client.retention();
    output.result(answer);
    for (const line of tableLines(columns(STATUS), answer.collections.map(statusCells), output.style.bold))
      output.line(line);
    return EXIT.done;
  });
}

/** `bursar retention run` */
export async function runRetention(
  context: CommandContext,
  { dryRun = false, collection: only }: ArchiveListOptions & { dryRun?: boolean },
): Promise<number> {
  const { output } = context;
  return withSession(context, NEEDS, async ({ client }) => {
    const { collections } = await client.retention();
    const limited = collections.filter(
      ({ days, collection }) => days !== null && (only === undefined || only === collection),
    );
    if (dryRun) {
      output.result({ due: limited.map(({ collection, due }) => ({ collection, due })) });
      for (const each of limited) output.line(`${dueOf(each)} would be archived.`);
    } else {
      const sum = { jobs: 0, alerts: 0, audit_log: 0 };
      for (let more = true; more; ) {
        const done = await client.runRetention(given({ collection: only }));
        for (const name of ['jobs', 'alerts', 'audit_log'] as const) sum[name] += done[name];
        more = done.more;
        if (more) output.note(`${wordsOf(sum)} archived`);
      }
      output.result(sum);
      output.line(`${wordsOf(sum)} archived.`);
    }
    if (limited.length === 0) output.note('all of it is kept for ever: no days are set');
    return EXIT.done;
  });
}

/** `bursar retention list` */
export async function listArchives(context: CommandContext, options: ArchiveListOptions): Promise<number> {
  const { output } = context;
  return withSession(context, NEEDS, async ({ client }) => {
    const archives = await everyPage(async (page) => {
      const { archives: rows, cursor } = await client.archives({ ...page, ...options });
      return { rows, cursor };
    });
    output.result({ archives, total: archives.length });
    if (archives.length === 0) output.line('There are no archives.');
    else
      for (const line of tableLines(columns(ARCHIVES), archives.map(archiveCells), output.style.bold))
        output.line(line);
    return EXIT.done;
  });
}

/** `bursar retention restore` */
export async function restoreArchive(context: CommandContext, id: string): Promise<number> {
  const { output } = context;
  return withSession(context, NEEDS, async ({ client }) => {
    const archive = await client.restoreArchive(id);
    output.result(archive);
    output.line(`${archive.id} is restored: what was in it is at hand again.`);
    return EXIT.done;
  });
}

const RIGHT = ['at hand', 'archives', 'rows', 'bytes'];
function columns(titles: string[]) {
  return titles.map((title) => ({
    title,
    align: RIGHT.includes(title) ? ('right' as const) : ('left' as const),
  }));
}

function statusCells(status: RetentionStatus): string[] {
  const { collection, days, rows, oldest, archives, archivedRows, archivedBytes } = status;
  const kept = days === null ? 'for ever' : plural(days, 'day');
  const numbers = [archives, archivedRows, archivedBytes].map(wholeNumber);
  return [collection, kept, wholeNumber(rows), oldest?.slice(0, 10) ?? '–', ...numbers];
}

function archiveCells({ id, state, rows, bytes, at }: ArchiveRow): string[] {
  return [id, state, wholeNumber(rows), wholeNumber(bytes), at.slice(0, 16).replace('T', ' ')];
}

function dueOf({ collection, due }: RetentionStatus): string {
  if (collection === 'jobs') return `jobs: ${plural(due, 'day')}`;
  return `${collection}: up to ${plural(due, 'row')}`;
}

function wordsOf(sum: { jobs: number; alerts: number; audit_log: number }): string {
  const rows = plural(sum.audit_log, 'row');
  return `${plural(sum.jobs, 'job')}, ${wholeNumber(sum.alerts)} of alerts, ${rows} of the audit log`;
}
