import { given } from '../../domain/given.ts';
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
    const titles = ['key', 'name', 'role', 'scope', 'created', 'last used', 'state'];
    const rows = keys.map(({ id, name, role, scope, createdAt, lastUsedAt, ...key }) => [
      id,
      name,
      role,
      scope?.join(' ') ?? 'all',
      localTime(createdAt),
      lastUsedAt === null ? 'never' : localTime(lastUsedAt),
      stateOf(key, output.style.good),
    ]);
    const columns = titles.map((title) => ({ title }));
    for (const line of tableLines(columns, rows, output.style.bold)) output.line(line);
    return EXIT.done;
  });
}

/** `bursar keys create` */
export async function createKey(
  context: CommandContext,
  name: string,
  { role, scope, expires: expiresAt }: { role: Role; scope?: string[]; expires?: string },
): Promise<number> {
  const { output } = context;
  return withSession(context, NEEDS, async ({ client }) => {
    const created = await client.createKey({ name, role, ...given({ scope, expiresAt }) });
    output.result(created);
    output.line(created.key);
    output.note(`Keep it now: it is not shown again. (${created.id}, ${created.role})`);
    return EXIT.done;
  });
}

/** `bursar keys rotate` */
export async function rotateKey(
  context: CommandContext,
  id: string,
  { grace }: { grace: number },
): Promise<number> {
  const { output } = context;
  return withSession(context, NEEDS, async ({ client }) => {
    const rotated = await client.rotateKey(id, grace);
    output.result(rotated);
    output.line(rotated.key);
    output.note(`Keep it now: it is not shown again. The old one is valid for ${grace} s.`);
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

function stateOf(
  { revokedAt, expiresAt }: { revokedAt: string | null; expiresAt: string | null },
  good: (text: string) => string,
): string {
  if (revokedAt !== null) return `revoked ${localTime(revokedAt)}`;
  if (expiresAt === null) return good('valid');
  return Date.parse(expiresAt) > Date.now()
    ? good(`valid until ${localTime(expiresAt)}`)
    : `expired ${localTime(expiresAt)}`;
}
