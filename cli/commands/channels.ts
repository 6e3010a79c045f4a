import { randomUUID } from 'node:crypto';
import { invalidInput } from '../../domain/errors.ts';
import {
  type ChannelOptions,
  channelEditOf,
  type NewChannelOptions,
  newChannelOf,
} from '../channel-options.ts';
import type { CommandContext } from '../context.ts';
import { EXIT, Interrupted } from '../exit-codes.ts';
import { withSession } from '../session.ts';
import { askSecret } from '../show/ask-secret.ts';
import { channelLines, channelTable } from '../show/channels.ts';
import { confirm } from '../show/confirm.ts';

const NEEDS = { temporal: false, command: 'channels' };

/** `bursar channels list` */
export async function listChannels(context: CommandContext): Promise<number> {
  const { output } = context;
  return withSession(context, NEEDS, async ({ client }) => {
    const page = await client.channels({ limit: '100' });
    output.result(page);
    if (page.channels.length === 0)
      output.line(
        'No channels yet: what is to be told stands in the log. Add one: bursar channels add --help',
      );
    else for (const line of channelTable(page.channels, output.style)) output.line(line);
    return EXIT.done;
  });
}

/** `bursar channels show` */
export async function showChannel(context: CommandContext, id: string): Promise<number> {
  const { output } = context;
  return withSession(context, NEEDS, async ({ client }) => {
    const channel = await client.channel(id);
    output.result(channel);
    for (const line of channelLines(channel)) output.line(line);
    return EXIT.done;
  });
}

/** `bursar channels add` */
export async function addChannel(
  context: CommandContext,
  name: string,
  options: NewChannelOptions,
): Promise<number> {
  const { output } = context;
  const asked = await newChannelOf(name, options, context.directory, secretFrom(context));
  return withSession(context, NEEDS, async ({ client }) => {
    const channel = await client.createChannel(asked, randomUUID());
    output.result(channel);
    output.line(`${channel.name} (${channel.id}) is added.`);
    if (channel.secret !== null) output.line(`It signs with ${channel.secret}, which is not shown again.`);
    output.note(`Try it: bursar channels test ${channel.id}`);
    return EXIT.done;
  });
}

/** `bursar channels edit` */
export async function editChannel(
  context: CommandContext,
  id: string,
  options: ChannelOptions,
): Promise<number> {
  const { output } = context;
  const edit = await channelEditOf(options, context.directory, secretFrom(context));
  if (Object.keys(edit).length === 0)
    throw invalidInput(
      'nothing is to be changed: name an option, e.g. --severity warning (--help lists them)',
    );
  return withSession(context, NEEDS, async ({ client }) => {
    const channel = await client.editChannel(id, edit);
    output.result(channel);
    for (const line of channelLines(channel)) output.line(line);
    return EXIT.done;
  });
}

/** `bursar channels remove` */
export async function removeChannel(
  context: CommandContext,
  id: string,
  { yes }: { yes?: boolean },
): Promise<number> {
  const { output, interrupts } = context;
  if (yes !== true && !process.stdin.isTTY)
    throw invalidInput('there is no terminal to ask for confirmation: add --yes to remove the channel');
  return withSession(context, NEEDS, async ({ client }) => {
    const { name } = await client.channel(id);
    const question = `Remove ${name}? Nobody is told over it from then on.`;
    if (yes !== true && !(await confirm(question, interrupts.first)))
      throw new Interrupted('nothing was removed');
    await client.deleteChannel(id);
    output.result({ id, removed: true });
    output.line(`${name} (${id}) is removed.`);
    return EXIT.done;
  });
}

/** `bursar channels test`: one notice now; exit code 1 where it did not arrive. */
export async function testChannel(context: CommandContext, id: string): Promise<number> {
  const { output } = context;
  return withSession(context, NEEDS, async ({ client }) => {
    const outcome = await client.testChannel(id);
    const { delivered, detail, reason, retryable } = outcome;
    output.result(outcome);
    const { good, bad } = output.style;
    if (delivered) output.line(`${good('delivered')}: ${detail}`);
    else output.line(`${bad('not delivered')}: ${reason}${retryable ? ' (this may pass by itself)' : ''}`);
    return delivered ? EXIT.done : EXIT.unexpected;
  });
}

function secretFrom({ interrupts }: CommandContext) {
  return (what: string) => askSecret(what, interrupts.first);
}
