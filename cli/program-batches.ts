import { Argument, type Command, InvalidArgumentError } from 'commander';
import { MAX_PARALLELISM } from '../domain/batches/batch.ts';
import type { SubmitOptions } from './commands/batches.ts';
import { wholeNumberFrom } from './option-values.ts';
import type { Carry } from './program.ts';
import { acts } from './program-resources.ts';

const EXAMPLES = `
Examples:
  bursar batch submit examples/batch/shop.yaml --project examples/shop --yes --wait
  bursar batch submit companies.jsonl --name weekly --parallel 8 --results results.jsonl --yes`;

const load = () => import('./commands/batches.ts');
const batchId = new Argument('<batch>', 'id of the batch');

/** `bursar batch …` */
export function addBatchCommands(batch: Command, carry: Carry): void {
  addSubmit(batch, carry);
  batch
    .command('list')
    .description('the newest first')
    .option('--limit <number>', 'how many', wholeNumberFrom(1, 100), 20)
    .action(acts<[{ limit: number }]>(carry, async () => (await load()).listBatches));
  batch
    .command('status')
    .description('progress over all runs, cost, and what it waits for')
    .addArgument(batchId)
    .option('--wait', 'stay until it has ended')
    .action(acts<[string, { wait?: boolean }]>(carry, async () => (await load()).batchStatus));
  batch
    .command('approve')
    .description('approve the estimate that it waits with')
    .addArgument(batchId)
    .option('--hash <hash>', 'only the estimate of this hash')
    .action(acts<[string, { hash?: string }]>(carry, async () => (await load()).approveBatch));
  batch
    .command('pause')
    .description('let no more runs begin, and pause those under way')
    .addArgument(batchId)
    .action(acts<[string]>(carry, async () => (await load()).pauseBatch));
  batch
    .command('resume')
    .description('go on with one that is paused')
    .addArgument(batchId)
    .action(acts<[string]>(carry, async () => (await load()).resumeBatch));
  batch
    .command('cancel')
    .description('end all of its runs')
    .addArgument(batchId)
    .action(acts<[string]>(carry, async () => (await load()).cancelBatch));
  batch
    .command('results')
    .description('what came of each run, as lines of JSON')
    .addArgument(batchId)
    .option('--out <file>', 'write them there')
    .action(acts<[string, { out?: string }]>(carry, async () => (await load()).batchResults));
}

function addSubmit(batch: Command, carry: Carry): void {
  batch
    .command('submit <file>')
    .description('submit a file of runs, YAML or JSON lines; the same file again changes nothing')
    .option('--name <name>', 'of the batch: a later file of that name adds runs to it')
    .option('--parallel <number>', 'runs at a time', wholeNumberFrom(1, MAX_PARALLELISM))
    .option('--var <name=value>', `what stands for $\{name} in the file; may be repeated`, variable)
    .option('--project <path>', `upload this dbt project or manifest; $\{project} is its id`)
    .option('--results <file>', 'stay, and write what came of each run there, as lines of JSON')
    .option('--dry-run', 'only check the file and estimate')
    .option('-y, --yes', 'start without asking')
    .option('--wait', 'stay until all have ended, also while it waits for a budget or an approval')
    .addHelpText('after', EXAMPLES)
    .action(acts<[string, SubmitOptions]>(carry, async () => (await load()).submitBatch));
}

function variable(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It must be name=value.');
  return { ...before, [text.slice(0, at).trim()]: text.slice(at + 1) };
}
