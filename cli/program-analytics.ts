import { type Command, Option } from 'commander';
import { DIMENSIONS } from '../domain/analytics/dimension.ts';
import type { AnalyticsOptions } from './commands/analytics.ts';
import { wholeNumberFrom } from './option-values.ts';
import type { Carry } from './program.ts';
import { acts } from './program-resources.ts';

const EXAMPLES = `
Examples:
  bursar analytics --by model --start 2026-01-01 --end 2026-01-31
  bursar analytics --by team --and month --start 2026-01-01 --end 2026-12-31`;

/** `bursar analytics` */
export function addAnalyticsCommand(program: Command, carry: Carry): void {
  program
    .command('analytics')
    .description('what jobs have cost, the dearest first; the last thirty days unless told otherwise')
    .addOption(new Option('--by <dimension>', 'told apart by it').choices(DIMENSIONS).makeOptionMandatory())
    .addOption(new Option('--and <dimension>', 'and by this one').choices(DIMENSIONS))
    .option('--start <day>', 'the first day, YYYY-MM-DD')
    .option('--end <day>', 'the last day, YYYY-MM-DD')
    .addOption(
      new Option('--limit <number>', 'show at most so many')
        .argParser(wholeNumberFrom(1, 10_000))
        .default(50),
    )
    .addHelpText('after', EXAMPLES)
    .action(
      acts<[AnalyticsOptions]>(carry, async () => (await import('./commands/analytics.ts')).showAnalytics),
    );
}
