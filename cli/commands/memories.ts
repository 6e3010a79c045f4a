import { randomUUID } from 'node:crypto';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { withSession } from '../session.ts';
import { localTime, shorten } from '../show/format.ts';
import { tableLines } from '../show/table.ts';

const NEEDS = { temporal: true, command: 'memories' };
const SHOWN_CHARACTERS = 60;

/** `bursar memories add` */
export async function addMemory(
  context: CommandContext,
  text: string,
  options: { type?: string; user?: string },
): Promise<number> {
  return withSession(context, NEEDS, async ({ client }) => {
    const memory = await client.addMemory({ textContent: text, ...options }, randomUUID());
    context.output.result(memory);
    context.output.line(`${memory.id} is ${memory.state}.`);
    return EXIT.done;
  });
}

/** `bursar memories list` */
export async function listMemories(
  context: CommandContext,
  { limit, ...filter }: { limit: number; user?: string; label?: string; state?: string },
): Promise<number> {
  const { output } = context;
  return withSession(context, NEEDS, async ({ client }) => {
    const page = await client.memories({ limit: String(limit), ...filter });
    output.result(page);
    if (page.memories.length === 0) output.line('There are no such memories.');
    const columns = ['memory', 'user', 'state', 'label', 'created', 'text'].map((title) => ({ title }));
    const rows = page.memories.map(({ id, user, state, reason, label, createdAt, textContent }) => [
      id,
      user,
      reason === null ? state : `${state} (${reason})`,
      label ?? '–',
      localTime(createdAt),
      shorten(textContent.replace(/\s+/g, ' '), SHOWN_CHARACTERS),
    ]);
    if (rows.length > 0) for (const line of tableLines(columns, rows, output.style.bold)) output.line(line);
    return EXIT.done;
  });
}

/** `bursar memories search` */
export async function searchMemories(
  context: CommandContext,
  q: string,
  { limit, user }: { limit: number; user?: string },
): Promise<number> {
  const { output } = context;
  return withSession(context, NEEDS, async ({ client }) => {
    const found = await client.searchMemories({ q, limit: String(limit), ...(user && { user }) });
    output.result(found);
    if (found.results.length === 0) output.line('Nothing is enriched yet that could be found.');
    for (const { similarity, label, textContent } of found.results)
      output.line(`${similarity.toFixed(2)}  ${label ?? '–'}  ${textContent.replace(/\s+/g, ' ')}`);
    return EXIT.done;
  });
}

/** `bursar memories delete` */
export async function deleteMemory(context: CommandContext, id: string): Promise<number> {
  return withSession(context, NEEDS, async ({ client }) => {
    await client.deleteMemory(id);
    context.output.result({ id, deleted: true });
    context.output.line(`${id} is forgotten.`);
    return EXIT.done;
  });
}
