import { Argument, type Command, Option } from 'commander';
import { MAX_CONCURRENCY } from '../domain/run.ts';
import {
  MAX_CATCHUP_SECONDS,
  MAX_JITTER_SECONDS,
  MIN_CATCHUP_SECONDS,
  OVERLAPS,
  type Overlap,
} from '../domain/schedules/schedule.ts';
import { amount } from './money-options.ts';
import { layerList, timeOf, wholeNumberFrom } from './option-values.ts';
import type { Carry } from './program.ts';
import { acts } from './program-resources.ts';
import type { NewScheduleOptions } from './schedule-options.ts';

const load = () => import('./commands/schedules.ts');
const schedule = new Argument('<schedule>', 'id or name of the schedule');
const overlap = (description: string) => new Option('--overlap <policy>', description).choices(OVERLAPS);
const note = new Option('--note <text>', 'why, for whoever looks at it');

const EXAMPLES = `
Examples:
  bursar schedules create nightly --cron '30 2 * * 1-5' --time-zone Europe/Berlin --project shop
  bursar schedules create watch --cron '0 6 * * mon' --kind intelligence --input request.json
  bursar schedules create hourly --cron '15 * * * *' --project shop --select tag:finance --max-cost 0.50

Cron: minute, hour, day of the month, month, day of the week. It starts runs while Bursar is up.`;

/** `bursar schedules …` */
export function addScheduleCommands(schedules: Command, carry: Carry): void {
  schedules
    .command('list')
    .description('all of them, with their next times')
    .action(acts<[unknown]>(carry, async () => (await load()).listSchedules));
  schedules
    .command('show')
    .description('when it starts what, and its last runs')
    .addArgument(schedule)
    .action(acts<[string, unknown]>(carry, async () => (await load()).showSchedule));
  addCreate(schedules, carry);
  schedules
    .command('pause')
    .description('start nothing by itself from now on')
    .addArgument(schedule)
    .addOption(note)
    .action(acts<[string, { note?: string }]>(carry, async () => (await load()).pauseSchedule));
  schedules
    .command('resume')
    .description('start runs again from the next time on')
    .addArgument(schedule)
    .addOption(note)
    .action(acts<[string, { note?: string }]>(carry, async () => (await load()).resumeSchedule));
  schedules
    .command('trigger')
    .description('start its run now, also while it is paused')
    .addArgument(schedule)
    .addOption(overlap('while a run is going (default: its own)'))
    .action(acts<[string, { overlap?: Overlap }]>(carry, async () => (await load()).triggerSchedule));
  schedules
    .command('backfill')
    .description('make up for past times; one that has its run already gets no other')
    .addArgument(schedule)
    .requiredOption('--from <time>', 'a day in its time zone, or a time')
    .requiredOption('--to <time>', 'likewise; the day is part of it')
    .addOption(overlap('how these go (default: buffer_all, one after the other)'))
    .action(
      acts<[string, { from: string; to: string; overlap?: Overlap }]>(
        carry,
        async () => (await load()).backfillSchedule,
      ),
    );
  schedules
    .command('delete')
    .description('start no more; its runs stay')
    .addArgument(schedule)
    .option('-y, --yes', 'without asking')
    .action(acts<[string, { yes?: boolean }]>(carry, async () => (await load()).deleteSchedule));
}

function addCreate(schedules: Command, carry: Carry): void {
  const create = schedules
    .command('create')
    .description('the same run again and again; the same command again changes nothing')
    .argument('<name>', 'what people call it')
    .requiredOption('--cron <expression>', "five fields, e.g. '30 2 * * 1-5'")
    .option('--time-zone <name>', "IANA name (default: the organization's)")
    .addOption(overlap('while the run before is going (default: skip)'))
    .option('--kind <kind>', 'of its runs', 'documentation')
    .option('--project <project>', 'what is documented: id or name of the project, as it is then')
    .option('--input <file>', 'the input of its runs as JSON, as POST /runs takes it')
    .option('--select <expression...>', "models in dbt's grammar")
    .option('--layers <a,b>', 'only these layers', layerList)
    .option('--skip-existing', 'take over what is fresh still')
    .option('--regenerate-all', 'write everything anew');
  addRunOptions(create);
  create
    .option('--from <time>', 'nothing before', timeOf)
    .option('--until <time>', 'nothing after', timeOf)
    .option(
      '--catchup <seconds>',
      'starts missed by more are left out (default: 3600)',
      wholeNumberFrom(MIN_CATCHUP_SECONDS, MAX_CATCHUP_SECONDS),
    )
    .option(
      '--jitter <seconds>',
      'put off each start by up to so much',
      wholeNumberFrom(1, MAX_JITTER_SECONDS),
    )
    .option('--paused', 'start nothing by itself yet')
    .addOption(note)
    .addHelpText('after', EXAMPLES)
    .action(acts<[string, NewScheduleOptions]>(carry, async () => (await load()).createSchedule));
}

function addRunOptions(command: Command): void {
  command
    .option('--model <provider/model>', 'e.g. openai/gpt-5-mini or offline/gpt-5-mini')
    .option('--concurrency <number>', 'objects at a time', wholeNumberFrom(1, MAX_CONCURRENCY))
    .option('--max-retries <number>', 'per object', wholeNumberFrom(0, 20))
    .option('--priority <number>', '1 to 10, 10 is the most urgent', wholeNumberFrom(1, 10))
    .option('--team <name>', 'whose cost it is, for the budgets that it falls under')
    .option('--queue <name>', 'likewise')
    .option('--user <name>', 'likewise')
    .addOption(amount('--max-cost <usd>', 'a limit of its own for each run: there it waits'));
}
