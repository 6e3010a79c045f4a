import { type Command, Option } from 'commander';
import { MAX_CONCURRENCY } from '../domain/run.ts';
import type { IntelligenceOptions } from './commands/intelligence.ts';
import { amount } from './money-options.ts';
import { wholeNumberFrom, wordList } from './option-values.ts';
import type { Carry } from './program.ts';
import { acts } from './program-resources.ts';

/** `bursar intelligence …` */
export function addIntelligenceCommands(intelligence: Command, carry: Carry): void {
  intelligence
    .command('run')
    .description('analyse a company from its documents, or two beside each other, and write a report')
    .requiredOption('--company <name>', 'whom it is about')
    .option('--compare <name>', 'and beside whom')
    .option('--sources <path>', 'a folder of .md, .txt, .html and .pdf files about the company, or one file')
    .option('--compare-sources <path>', 'the same for the other company')
    .option('--blocks <file>', 'questions of your own (default: examples/intelligence/blocks.yaml)')
    .option('--only <ids>', 'only these blocks and what they build on, e.g. NB1,NB5', wordList)
    .option('--out <folder>', 'write report.md and report.html there')
    .option('--model <provider/model>', 'e.g. openai/gpt-5-mini or offline/gpt-5-mini')
    .addOption(
      new Option('--concurrency <number>', 'blocks at a time').argParser(wholeNumberFrom(1, MAX_CONCURRENCY)),
    )
    .option('--regenerate-all', 'find every answer anew, also fresh ones')
    .option('--simulate-failure', 'let the offline model fail now and then, to see what happens')
    .addOption(amount('--max-cost <usd>', 'a limit of its own: there the run waits'))
    .option('--team <name>', 'whose cost it is, for the budgets that it falls under')
    .option('--queue <name>', 'likewise')
    .option('--user <name>', 'likewise')
    .option('--dry-run', 'only the estimate')
    .option('-y, --yes', 'start without asking')
    .option('--wait', 'stay while the run waits for a budget, an approval or its next try')
    .action(
      acts<[IntelligenceOptions]>(
        carry,
        async () => (await import('./commands/intelligence.ts')).runIntelligence,
      ),
    );
}
