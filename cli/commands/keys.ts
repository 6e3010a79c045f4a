import type { Role } from '../../domain/principal.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { withSession } from '../session.ts';
import { localTime } from '../show/format.ts';
import { tableLines } from '../show/table.ts';

const NEEDS = { temporal: false, command: 'keys' };

/** `bursar keys list` */
export async function listKeys(context: CommandContext): Promise<number> {
  const { output } = context;
  return withSession(context, NEEDS, async ({ client }) => {
    const { keys } = await client.keys();
    output.result({ keys });
    const columns = [
      { title: 'key' },
      { title: 'name' },
      { title: 'role' },
      { title: 'created' },
      { title: 'state' },
    ];
    const rows = keys.map(({ id, name, role, createdAt, revokedAt }) => [
      id,
      name,
      role,
      localTime(createdAt),
      revokedAt === null ? output.style.good('valid') : `revoked ${localTime(revokedAt)}`,
    ]);
    for (const line of tableLines(columns, rows, output.style.bold)) output.line(line);
    return EXIT.done;
  });
}

/** `bursar keys create` */
export async function createKey(
  context: CommandContext,
  name: string,
  { role }: { role: Role },
): Promise<number> {
  const { output } = context;
  return withSession(context, NEEDS, async ({ client }) => {
    const created = await client.createKey({ name, role });
    output.result(created);
    output.line(created.key);
    output.note(`Keep it now: it is not shown again. (${created.id}, ${created.role})`);
    return EXIT.done;
  });
}

/** `bursar keys revoke` */
export async function revokeKey(context: CommandContext, id: string): Promise<number> {
  const { output } = context;
  return withSession(context, NEEDS, async ({ client }) => {
    await client.revokeKey(id);
    output.result({ id, revoked: true });
    output.line(`${id} is revoked.`);
    return EXIT.done;
  });
}
