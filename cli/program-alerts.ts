import { Argument, type Command, Option } from 'commander';
import { ALERT_STATES, ALERT_TYPES } from '../domain/alerts/alert.ts';
import { SEVERITIES } from '../domain/alerts/notice.ts';
import type { AlertListOptions } from './commands/alerts.ts';
import { wholeNumberFrom } from './option-values.ts';
import type { Carry } from './program.ts';
import { acts } from './program-resources.ts';

const load = () => import('./commands/alerts.ts');
const id = new Argument('<alert>', 'id of the alert');
const MOST_MINUTES = 30 * 24 * 60;

const EXAMPLES = `
Examples:
  bursar alerts list --severity critical
  bursar alerts list --all --budget bud_1
  bursar alerts acknowledge alr_1 --note "raised the budget"
  bursar alerts snooze alr_1 --minutes 120

Where people are told of them: bursar channels --help`;

/** `bursar alerts …` */
export function addAlertCommands(alerts: Command, carry: Carry): void {
  alerts
    .command('list')
    .description('those that are open, the newest first')
    .option('--all', 'those that somebody has taken note of, or that are over, too')
    .addOption(new Option('--state <state>', 'only these').choices(ALERT_STATES))
    .addOption(new Option('--type <type>', 'only these').choices(ALERT_TYPES))
    .addOption(new Option('--severity <severity>', 'only these').choices(SEVERITIES))
    .option('--budget <budget>', 'only those of this budget')
    .option('--run <run>', 'only those of this run')
    .option('--limit <number>', 'at most so many (default: 50)', wholeNumberFrom(1, 100))
    .addHelpText('after', EXAMPLES)
    .action(acts<[AlertListOptions]>(carry, async () => (await load()).listAlerts));
  alerts
    .command('show')
    .description('what it says, what was done about it, and whom it has reached')
    .addArgument(id)
    .action(acts<[string, unknown]>(carry, async () => (await load()).showAlert));
  alerts
    .command('acknowledge')
    .alias('ack')
    .description('you have taken note: nobody is told of it again, but of its end')
    .addArgument(id)
    .option('--note <text>', 'for the history')
    .action(acts<[string, { note?: string }]>(carry, async () => (await load()).acknowledgeAlert));
  alerts
    .command('snooze')
    .description('tell nobody of it, or the like of it, for so long; then again if it is still open')
    .addArgument(id)
    .requiredOption('--minutes <number>', 'for so long', wholeNumberFrom(1, MOST_MINUTES))
    .option('--note <text>', 'for the history')
    .action(
      acts<[string, { minutes: number; note?: string }]>(carry, async () => (await load()).snoozeAlert),
    );
}
