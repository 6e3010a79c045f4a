import { type Command, Option } from 'commander';
import type { ShowIngestionOptions } from './commands/ingestions.ts';
import type { IngestOptions } from './commands/jobs.ts';
import type { Carry } from './program.ts';
import { acts } from './program-resources.ts';

const EXAMPLES = `
Examples:
  bursar jobs ingest jobs.csv
  bursar jobs ingest calls.csv.gz --map job_id=@row,start_time=TIMESTAMP,input_tokens=ContextTokens \\
    --set team_name=code,provider=openai,model_name=gpt-4o,status=completed
  bursar jobs ingest trace.csv --map job_id=name,start_time=begun,end_time=ended --epoch 2026-01-01`;

/** `bursar jobs …` */
export function addJobCommands(program: Command, carry: Carry): void {
  const jobs = program.command('jobs').description('jobs that ran elsewhere, with their costs');
  jobs
    .command('ingest <file>')
    .description('bring in a file of jobs: CSV, JSON lines or JSON, also gzipped; again changes nothing')
    .option('--map <pairs>', 'our column=the file’s, with commas between; @row is the number of the row')
    .option('--set <pairs>', 'column=value for all rows that say nothing')
    .option('--epoch <day>', 'times are numbers counted from this day, UTC')
    .addOption(new Option('--time-unit <unit>', 'of such numbers').choices(['s', 'ms']).default('s'))
    .addOption(new Option('--format <format>', 'else the ending says it').choices(['csv', 'jsonl', 'json']))
    .option('--durable', 'as a workflow that goes on after a crash; files over 16 MB always')
    .option('--no-wait', 'the same, and leave as soon as the file has arrived')
    .addHelpText('after', EXAMPLES)
    .action(
      acts<[string, IngestOptions]>(carry, async () => (await import('./commands/jobs.ts')).ingestFile),
    );
  jobs
    .command('ingestion <id>')
    .description('how far a file has come that is brought in by a workflow')
    .option('--wait', 'follow it until it ends; Ctrl-C leaves it alone')
    .option('--cancel', 'end it at once; jobs that are written stay')
    .action(
      acts<[string, ShowIngestionOptions]>(
        carry,
        async () => (await import('./commands/ingestions.ts')).showIngestion,
      ),
    );
}
