import { type Command, Option } from 'commander';
import { MAX_CONCURRENCY } from '../domain/run.ts';
import type { IntelligenceOptions } from './commands/intelligence.ts';
import { amount } from './money-options.ts';
import { wholeNumberFrom, wordList } from './option-values.ts';
import type { Carry } from './program.ts';
import { acts } from './program-resources.ts';

/** `bursar intelligence …` */
export function addIntelligenceCommands(intelligence: Command, carry: Carry): void {
  runOptions(
    intelligence
      .command('run')
      .description('analyse a company from its documents, or two beside each other, and write a report'),
  )
    .option('--out <folder>', 'write report.md and report.html there')
    .option('--simulate-failure', REHEARSAL)
    .option('--dry-run', 'only the estimate')
    .option('-y, --yes', 'start without asking')
    .option('--wait', WAIT)
    .action(acts<[IntelligenceOptions]>(carry, runIntelligence));
}

const runIntelligence = async () => (await import('./commands/intelligence.ts')).runIntelligence;
const load = () => import('./commands/queue.ts');
const REHEARSAL = 'let the offline model fail now and then, to see what happens';
const WAIT = 'stay while the run waits for a budget, an approval or its next try';

/** `bursar queue …` */
export function addQueueCommands(queue: Command, carry: Carry): void {
  runOptions(queue.command('add').description('ask for an analysis, and do not stay to see it'))
    .option('--simulate-failure', REHEARSAL)
    .option('--hold', 'only store it: `queue execute` starts it')
    .action(acts<[IntelligenceOptions & { hold?: boolean }]>(carry, async () => (await load()).addToQueue));
  queue
    .command('execute')
    .description('start a run that was added with --hold, and follow it')
    .requiredOption('--run <run>', 'id of the run')
    .option('--wait', WAIT)
    .action(acts<[{ run: string; wait?: boolean }]>(carry, async () => (await load()).executeRun));
  queue
    .command('status')
    .description('what is open now')
    .option('--run <run>', 'only this run')
    .action(acts<[{ run?: string }]>(carry, async () => (await load()).queueStatus));
  queue
    .command('stats')
    .description('waits, durations, throughput and models of the last days')
    .option('--days <number>', 'how many days', wholeNumberFrom(1, 92), 7)
    .action(acts<[{ days: number }]>(carry, async () => (await load()).queueStats));
  queue
    .command('monitor')
    .description('show what is open again and again; Ctrl-C ends it')
    .option('--every <seconds>', 'how often', wholeNumberFrom(1, 3600), 2)
    .option('--until-empty', 'end when nothing is open but what is parked')
    .action(acts<[{ every: number; untilEmpty?: boolean }]>(carry, async () => (await load()).monitorQueue));
  queue
    .command('cleanup')
    .description('archive items and logs of runs that ended long ago; nothing is deleted')
    .option('--older-than <days>', 'of runs that ended before', wholeNumberFrom(0, 36_500), 30)
    .option('-y, --yes', 'without asking')
    .action(acts<[{ olderThan: number; yes?: boolean }]>(carry, async () => (await load()).cleanUpQueue));
  queue
    .command('restore')
    .description('bring items and logs of an archived run back')
    .requiredOption('--run <run>', 'id of the run')
    .action(acts<[{ run: string }]>(carry, async () => (await load()).restoreRun));
  runOptions(
    queue.command('simulate-failure').description('an analysis with a model that fails now and then'),
  )
    .option('-y, --yes', 'start without asking')
    .option('--wait', WAIT)
    .action(
      acts<[IntelligenceOptions]>(carry, async () => {
        const run = await runIntelligence();
        return (context, options) => run(context, { ...options, simulateFailure: true });
      }),
    );
}

function runOptions(command: Command): Command {
  return command
    .requiredOption('--company <name>', 'whom it is about')
    .option('--compare <name>', 'and beside whom')
    .option('--sources <path>', 'a folder of .md, .txt, .html and .pdf files about the company, or one file')
    .option('--compare-sources <path>', 'the same for the other company')
    .option('--blocks <file>', 'questions of your own (default: examples/intelligence/blocks.yaml)')
    .option('--only <ids>', 'only these blocks and what they build on, e.g. NB1,NB5', wordList)
    .option('--model <provider/model>', 'e.g. openai/gpt-5-mini or offline/gpt-5-mini')
    .addOption(
      new Option('--concurrency <number>', 'blocks at a time').argParser(wholeNumberFrom(1, MAX_CONCURRENCY)),
    )
    .option('--regenerate-all', 'find every answer anew, also fresh ones')
    .addOption(amount('--max-cost <usd>', 'a limit of its own: there the run waits'))
    .option('--team <name>', 'whose cost it is, for the budgets that it falls under')
    .option('--queue <name>', 'likewise')
    .option('--user <name>', 'likewise');
}
