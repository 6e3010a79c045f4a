import { Argument, type Command, Option } from 'commander';
import { CHANNEL_EVENTS } from '../domain/alerts/alert.ts';
import { CHANNEL_TYPES, DIGESTS } from '../domain/alerts/channel.ts';
import { SEVERITIES } from '../domain/alerts/notice.ts';
import type { ChannelOptions, NewChannelOptions } from './channel-options.ts';
import { wholeNumberFrom, wordList } from './option-values.ts';
import type { Carry } from './program.ts';
import { acts } from './program-resources.ts';

const load = () => import('./commands/channels.ts');
const id = new Argument('<channel>', 'id of the channel');

const EXAMPLES = `
Examples:
  bursar channels add Ops --type email --target ops@example.com,cfo@example.com --severity warning
  bursar channels add Alerts --type slack --target '#alerts' --set username=Bursar --set icon=:moneybag:
  bursar channels add Hook --type slack --target - < address.txt
  bursar channels add Pager --type webhook --target https://hooks.example.com/bursar --set timeout=5
  bursar channels edit chn_1 --quiet 22:00-07:00 --time-zone Europe/Berlin --digest daily
  bursar channels edit chn_1 --set auth_header=- < header.txt

Settings (--set): email subject_prefix, template; slack channel, username, icon, bot_token; webhook
auth_header, timeout (seconds), retry_count, secret. Secrets come from standard input: --set NAME=-.
Events: ${CHANNEL_EVENTS.join(', ')}.`;

/** `bursar channels …` */
export function addChannelCommands(channels: Command, carry: Carry): void {
  channels
    .command('list')
    .description('all of them, wherever they were set')
    .action(acts<[unknown]>(carry, async () => (await load()).listChannels));
  channels
    .command('show')
    .description('where it leads, and what is told over it')
    .addArgument(id)
    .action(acts<[string, unknown]>(carry, async () => (await load()).showChannel));
  const add = channels
    .command('add')
    .description('a new channel; without --event it is told everything (for admins)')
    .argument('<name>', 'what people call it')
    .addOption(
      new Option('--type <type>', 'how people are told').choices(CHANNEL_TYPES).makeOptionMandatory(),
    )
    .option('--no-enabled', 'it is told nothing for now');
  addSettings(add).action(acts<[string, NewChannelOptions]>(carry, async () => (await load()).addChannel));
  const edit = channels
    .command('edit')
    .description('change what is named (for admins)')
    .addArgument(id)
    .option('--name <name>', 'what people call it')
    .option('--enabled', 'tell it again')
    .option('--no-enabled', 'tell it nothing for now');
  // Behind what they take back: else commander would take them for its default.
  addSettings(edit)
    .option('--no-quiet', 'tell at any time again')
    .option('--no-fallback', 'its usual one again')
    .action(acts<[string, ChannelOptions]>(carry, async () => (await load()).editChannel));
  channels
    .command('remove')
    .description('tell nobody over it any more (for admins)')
    .addArgument(id)
    .option('-y, --yes', 'without asking')
    .action(acts<[string, { yes?: boolean }]>(carry, async () => (await load()).removeChannel));
  channels
    .command('test')
    .description('send one notice now, and say how it went; exit code 1 if it did not arrive')
    .addArgument(id)
    .action(acts<[string, unknown]>(carry, async () => (await load()).testChannel));
}

function addSettings(command: Command): Command {
  return command
    .option(
      '--target <target>',
      'addresses, a channel of Slack, a web address; - reads it from standard input',
    )
    .option('--event <a,b>', 'only these types of alerts; all: everything', wordList)
    .addOption(new Option('--severity <severity>', 'only from here on').choices(SEVERITIES))
    .addOption(new Option('--digest <digest>', 'gather what is not critical').choices(DIGESTS))
    .option('--max-per-hour <number>', 'the rest comes as a digest', wholeNumberFrom(1, 10_000))
    .option('--quiet <from-to>', 'then only what is critical, e.g. 22:00-07:00')
    .option('--time-zone <name>', 'of these hours (default: UTC)')
    .option('--fallback <channel>', 'told when this one fails for good')
    .option('--template <file>', 'of mails: text or HTML with {{title}}, {{text}}, {{facts}}, {{link}}')
    .option(
      '--set <name=value>',
      'a setting of its type; NAME= takes it away',
      (text, before: string[] = []) => [...before, text],
    )
    .addHelpText('after', EXAMPLES);
}
