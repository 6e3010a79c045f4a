import { type Command, Option } from 'commander';
import { FOCUS_VERSIONS } from '../domain/jobs/focus-row.ts';
import { EXPORT_FORMATS, JOB_FORMATS } from '../domain/jobs/formats.ts';
import { JOB_STATUSES } from '../domain/jobs/job.ts';
import type { ShowIngestionOptions } from './commands/ingestions.ts';
import type { ExportOptions } from './commands/job-export.ts';
import type { IngestOptions } from './commands/jobs.ts';
import type { Carry } from './program.ts';
import { acts } from './program-resources.ts';

const EXPORT_EXAMPLES = `
Examples:
  bursar jobs export jobs.xlsx --start 2026-01-01 --end 2026-01-31
  bursar jobs export january.focus.csv --start 2026-01-01 --end 2026-01-31
  bursar jobs export --format jsonl --team ops | jq .cost_usd`;

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
    .addOption(
      new Option('--format <format>', 'else the ending says it; FOCUS is known by its columns').choices(
        JOB_FORMATS,
      ),
    )
    .option('--durable', 'as a workflow that goes on after a crash; files over 16 MB always')
    .option('--no-wait', 'the same, and leave as soon as the file has arrived')
    .addHelpText('after', EXAMPLES)
    .action(
      acts<[string, IngestOptions]>(carry, async () => (await import('./commands/jobs.ts')).ingestFile),
    );
  jobs
    .command('export [file]')
    .description('write jobs to a new file, or to stdout; the last thirty days unless told otherwise')
    .option('--start <day>', 'the first day, YYYY-MM-DD')
    .option('--end <day>', 'the last day, YYYY-MM-DD')
    .option('--team <name>', 'of this team alone')
    .addOption(new Option('--status <status>', 'of this status alone').choices(JOB_STATUSES))
    .option('--provider <name>', 'of this provider alone')
    .addOption(new Option('--format <format>', 'else the ending says it').choices(EXPORT_FORMATS))
    .addOption(new Option('--focus-version <version>', 'of FOCUS; else 1.2').choices(FOCUS_VERSIONS))
    .addHelpText('after', EXPORT_EXAMPLES)
    .action(
      acts<[string | undefined, ExportOptions]>(
        carry,
        async () => (await import('./commands/job-export.ts')).exportJobs,
      ),
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
