import { Command, Option } from 'commander';
import { DEFAULT_CONCURRENCY, DEFAULT_MAX_RETRIES, MAX_CONCURRENCY } from '../domain/run.ts';
import type { DocumentOptions } from './commands/document.ts';
import type { CommandContext, GlobalOptions } from './context.ts';
import { amount } from './money-options.ts';
import { layerList, wholeNumberFrom } from './option-values.ts';
import { addMoneyCommands } from './program-money.ts';
import { addResourceCommands } from './program-resources.ts';
import { packageRoot, versionIn } from './serve/place.ts';

/** Carries out a command: makes its context, and keeps its exit code. */
export type Carry = (
  globals: GlobalOptions,
  command: (context: CommandContext) => Promise<number>,
) => Promise<void>;

const EXIT_CODES = `
Exit codes: 0 done, 1 unexpected, 2 usage or bad input, 3 some objects failed, 4 stopped by a budget,
            5 cancelled.
Variables:  BURSAR_URL, BURSAR_API_KEY, BURSAR_DATA_DIR, TEMPORAL_ADDRESS, MONGODB_URI, NO_COLOR,
            BURSAR_DEBUG=1.`;

/**
 * All commands with their options. What a command needs is loaded when it runs, so that `--help` answers at
 * once.
 * Wrong usage throws commander's error, which it has already explained on stderr.
 */
export function createProgram(carry: Carry): Command {
  const program = new Command('bursar')
    .description('Runs LLM work over thousands of objects as durable Temporal workflows, within budgets.')
    .option('--json', 'one line of JSON on stdout; everything else goes to stderr', false)
    .option('--ephemeral', 'own services on free ports and in a temporary folder', false)
    .option('--url <address>', 'the API to use (default: the one of this folder, else own services)')
    .option('--debug', 'say where errors come from; programs that are started log everything', false)
    .option('--api-key <key>', 'its key (default: BURSAR_API_KEY, or the one kept in .bursar)')
    .version(versionIn(packageRoot) ?? 'unknown')
    .addHelpText('after', EXIT_CODES)
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .showHelpAfterError('(add --help for the options)')
    .exitOverride();
  addServiceCommands(program, carry);
  addDocumentCommand(program, carry);
  addResourceCommands(program, carry);
  addMoneyCommands(program, carry);
  return program;
}

function addServiceCommands(program: Command, carry: Carry): void {
  program
    .command('up')
    .description('start Temporal with its Web UI, MongoDB, the API and workers; Ctrl-C stops all')
    .option('--port <number>', 'port of the API', wholeNumberFrom(1, 65_535))
    .option('--workers <number>', 'how many worker processes', wholeNumberFrom(1, 32), 1)
    .action((options: { port?: number; workers: number }, command: Command) =>
      carry(command.optsWithGlobals(), async (context) =>
        (await import('./commands/up.ts')).up(context, options),
      ),
    );
  program
    .command('demo')
    .description('document the sample project and show the result')
    .option('--out <folder>', 'where the pages go', 'bursar-docs')
    .action((options: { out: string }, command: Command) =>
      carry(command.optsWithGlobals(), async (context) =>
        (await import('./commands/demo.ts')).demo(context, options),
      ),
    );
  program
    .command('doctor')
    .description('say what would be used and what is wrong')
    .option('--ledger', 'compute every counter of money anew instead, and say what is not as it should be')
    .action(({ ledger }: { ledger?: boolean }, command: Command) =>
      carry(command.optsWithGlobals(), async (context) =>
        ledger === true
          ? (await import('./commands/ledger.ts')).checkLedger(context)
          : (await import('./commands/doctor.ts')).doctor(context),
      ),
    );
}

function addDocumentCommand(program: Command, carry: Carry): void {
  program
    .command('document')
    .description('document a dbt manifest, a dbt project folder, or plain .sql and .yml files')
    .argument('<path>', 'manifest.json, a folder, a zip of one, or a .sql file')
    .option('--catalog <file>', 'the catalog.json beside the manifest')
    .option('--out <folder>', 'write Markdown pages and patched yml files there')
    .option('--select <expression...>', "models in dbt's grammar: name, tag:…, path:…, +model, model+")
    .option('--layers <a,b>', 'only these layers', layerList)
    .addOption(
      new Option('--concurrency <number>', `objects at a time (default: ${DEFAULT_CONCURRENCY})`).argParser(
        wholeNumberFrom(1, MAX_CONCURRENCY),
      ),
    )
    .option('--model <provider/model>', 'e.g. openai/gpt-5-mini or offline/gpt-5-mini')
    .option('--skip-existing', 'take over what is fresh still')
    .option('--regenerate-all', 'write everything anew')
    .addOption(
      new Option('--max-retries <number>', `per object (default: ${DEFAULT_MAX_RETRIES})`).argParser(
        wholeNumberFrom(0, 20),
      ),
    )
    .option('--glossary <file>', 'terms of the business, as text')
    .option('--name <project>', 'name of the project (default: its own)')
    .option('--team <name>', 'whose cost it is, for the budgets that it falls under')
    .option('--queue <name>', 'likewise')
    .option('--user <name>', 'likewise')
    .option('--priority <number>', '1 to 10, 10 is the most urgent (default: 5)', wholeNumberFrom(1, 10))
    .option('--emergency-reason <text>', 'with priority 8 and over: why budgets that allow it are passed')
    .addOption(amount('--max-cost <usd>', 'a limit of its own: there the run waits'))
    .option('--dry-run', 'only the estimate')
    .option('-y, --yes', 'start without asking')
    .option('--wait', 'stay while the run waits for a budget or an approval')
    .action((path: string, options: DocumentOptions, command: Command) =>
      carry(command.optsWithGlobals(), async (context) =>
        (await import('./commands/document.ts')).document(context, path, options),
      ),
    );
}
