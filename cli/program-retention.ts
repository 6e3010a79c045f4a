import { Argument, type Command, Option } from 'commander';
import { RETAINED } from '../domain/retention.ts';
import type { ArchiveListOptions } from './commands/retention.ts';
import type { Carry } from './program.ts';
import { acts } from './program-resources.ts';

const collection = () => new Option('--collection <name>', 'only of this one').choices([...RETAINED]);
const load = () => import('./commands/retention.ts');

const EXAMPLES = `
Examples:
  bursar retention run --dry-run
  bursar retention list --collection jobs
  bursar retention restore jobs:2026-01-05

How long what is kept is said where Bursar is started: BURSAR_RETENTION_JOBS_DAYS and others.`;

/** `bursar retention …` */
export function addRetentionCommands(retention: Command, carry: Carry): void {
  retention
    .command('status')
    .description('what is at hand, for how long, and what is archived')
    .action(acts<[unknown]>(carry, async () => (await load()).showRetention));
  retention
    .command('run')
    .description('archive now what is older than it is kept')
    .addOption(collection())
    .option('--dry-run', 'only say how much is old enough')
    .addHelpText('after', EXAMPLES)
    .action(
      acts<[ArchiveListOptions & { dryRun?: boolean }]>(carry, async () => (await load()).runRetention),
    );
  retention
    .command('list')
    .description('archives, by collection, the newest days and months first')
    .addOption(collection())
    .action(acts<[ArchiveListOptions]>(carry, async () => (await load()).listArchives));
  retention
    .command('restore')
    .description('bring the rows of an archive back; they stay for 30 days at least')
    .addArgument(new Argument('<archive>', 'id of the archive, e.g. jobs:2026-01-05'))
    .action(acts<[string, unknown]>(carry, async () => (await load()).restoreArchive));
}
