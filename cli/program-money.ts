import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import { SCOPE_FIELDS } from '../domain/budgets/scope.ts';
import { REPORT_FORMATS } from '../domain/report/render.ts';
import type { CostOptions } from './commands/costs.ts';
import type { DocumentOptions } from './commands/document.ts';
import type { ForecastOptions } from './commands/forecast.ts';
import type { NewHoldOptions } from './commands/holds.ts';
import type { ReportOptions } from './commands/report.ts';
import { addScopeOptions, amount, usdOverNothing } from './money-options.ts';
import { layerList, wholeNumberFrom, wordList } from './option-values.ts';
import type { Carry } from './program.ts';
import { addAnalyticsCommand } from './program-analytics.ts';
import { addBudgetCommands } from './program-budgets.ts';
import { addGpuCostCommands } from './program-gpu-costs.ts';
import { addJobCommands } from './program-jobs.ts';
import { acts } from './program-resources.ts';

const MAX_TTL_SECONDS = 7 * 86_400;

/** `bursar budgets|costs|estimate|holds …`, and what is decided about the money of a run. */
export function addMoneyCommands(program: Command, carry: Carry): void {
  addBudgetCommands(program.command('budgets').description('what may be spent, and what was'), carry);
  addCostsCommand(program, carry);
  addJobCommands(program, carry);
  addAnalyticsCommand(program, carry);
  addGpuCostCommands(program, carry);
  addForecastCommand(program, carry);
  addReportCommand(program, carry);
  addEstimateCommand(program, carry);
  addHoldCommands(program.command('holds').description('money that is set aside'), carry);
  const runs = program.commands.find((command) => command.name() === 'runs');
  if (runs === undefined) throw new Error('the commands of runs come first');
  addRunMoneyCommands(runs, carry);
}

function addCostsCommand(program: Command, carry: Carry): void {
  program
    .command('costs')
    .description('what was spent, by day or by whom; the last thirty days unless told otherwise')
    .option('--start <day>', 'the first day, YYYY-MM-DD')
    .option('--end <day>', 'the last day, YYYY-MM-DD')
    .addOption(
      new Option('--by <a,b>', `apart by any of ${SCOPE_FIELDS.join(', ')}`).argParser(scopeFieldList),
    )
    .addOption(
      new Option('--every <time>', 'a row for each, also where nothing was spent').choices([
        'day',
        'week',
        'month',
      ]),
    )
    .action(acts<[CostOptions]>(carry, async () => (await import('./commands/costs.ts')).showCosts));
}

function addForecastCommand(program: Command, carry: Carry): void {
  const forecast = program
    .command('forecast')
    .description(
      'what will be spent until the end of the period, how sure that is, and when a budget is used up',
    )
    .option('--budget <id>', 'of this budget; else of the one for exactly the costs that are named')
    .addOption(
      new Option('--days <number>', 'how many days to list').argParser(wholeNumberFrom(1, 90)).default(7),
    )
    .option('--history', 'earlier forecasts, as many as --days says, and what came true');
  addScopeOptions(forecast).action(
    acts<[ForecastOptions]>(carry, async () => (await import('./commands/forecast.ts')).showForecast),
  );
}

function addReportCommand(program: Command, carry: Carry): void {
  program
    .command('report')
    .description('what was spent, on what, against which budgets; of this month unless told otherwise')
    .option('--start <day>', 'the first day, YYYY-MM-DD')
    .option('--end <day>', 'the last day, YYYY-MM-DD')
    .option('--month <month>', 'a month, YYYY-MM')
    .option('--last-month', 'the month before this one')
    .addOption(
      new Option('--format <format>', 'default: tables, or by the name of --out').choices(REPORT_FORMATS),
    )
    .option('--out <file>', 'write it there')
    .action(acts<[ReportOptions]>(carry, async () => (await import('./commands/report.ts')).showReport));
}

function scopeFieldList(text: string, before: string[] | undefined): string[] {
  const names = wordList(text, before);
  const unknown = names.find((name) => !SCOPE_FIELDS.some((field) => field === name));
  if (unknown === undefined) return names;
  throw new InvalidArgumentError(`There is no "${unknown}"; known: ${SCOPE_FIELDS.join(', ')}.`);
}

function addEstimateCommand(program: Command, carry: Carry): void {
  program
    .command('estimate')
    .description('what documenting would cost, without starting it (as document --dry-run)')
    .argument('<path>', 'manifest.json, a folder, a zip of one, or a .sql file')
    .option('--catalog <file>', 'the catalog.json beside the manifest')
    .option('--select <expression...>', "models in dbt's grammar: name, tag:…, path:…, +model, model+")
    .option('--layers <a,b>', 'only these layers', layerList)
    .option('--model <provider/model>', 'e.g. openai/gpt-5-mini or offline/gpt-5-mini')
    .option('--skip-existing', 'take over what is fresh still')
    .option('--regenerate-all', 'write everything anew')
    .option('--glossary <file>', 'terms of the business, as text')
    .option('--name <project>', 'name of the project (default: its own)')
    .action(
      acts<[string, DocumentOptions]>(carry, async () => (await import('./commands/estimate.ts')).estimate),
    );
}

function addHoldCommands(holds: Command, carry: Carry): void {
  const load = () => import('./commands/holds.ts');
  const id = new Argument('<hold>', 'id of the hold');
  holds
    .command('list')
    .description('of runs and of outside systems')
    .option('--owner <run>', 'only of this run, or api')
    .addOption(new Option('--state <state>', 'only these').choices(['open', 'stale', 'closed']))
    .option('--limit <number>', 'how many', wholeNumberFrom(1, 100), 20)
    .action(
      acts<[{ owner?: string; state?: string; limit: number }]>(carry, async () => (await load()).listHolds),
    );
  holds
    .command('show')
    .description('amount, what is left, and from which budgets')
    .addArgument(id)
    .action(acts<[string, unknown]>(carry, async () => (await load()).showHold));
  const create = holds
    .command('create')
    .description('set money aside out of every budget of a scope, all of it or none')
    .addOption(amount('--amount <usd>', 'how much').makeOptionMandatory())
    .option('--ttl <seconds>', 'how long (default: an hour)', wholeNumberFrom(1, MAX_TTL_SECONDS))
    .option('--priority <number>', '1 to 10, 10 is the most urgent', wholeNumberFrom(1, 10))
    .option('--emergency-reason <text>', 'with priority 8 and over: why budgets that allow it are passed')
    .option('--idempotency-key <key>', 'the same key brings the same hold');
  addScopeOptions(create).action(acts<[NewHoldOptions]>(carry, async () => (await load()).createHold));
  holds
    .command('release')
    .description('give back what is left')
    .addArgument(id)
    .action(acts<[string, unknown]>(carry, async () => (await load()).releaseHold));
}

function addRunMoneyCommands(runs: Command, carry: Carry): void {
  const load = () => import('./commands/run-money.ts');
  const id = new Argument('<run>', 'id of the run');
  runs
    .command('approve')
    .description('approve the estimate that a run waits with')
    .addArgument(id)
    .addOption(amount('--max-cost <usd>', 'a limit for the whole run'))
    .option('--hash <hash>', 'only if the estimate is still this one')
    .action(
      acts<[string, { maxCost?: number; hash?: string }]>(carry, async () => (await load()).approveRun),
    );
  runs
    .command('bypass')
    .description('let one run pass all budgets but its own limit (for admins; audited)')
    .addArgument(id)
    .requiredOption('--reason <text>', 'why')
    .action(acts<[string, { reason: string }]>(carry, async () => (await load()).bypassBudgets));
  runs
    .command('set-limit')
    .description('change the most that a run may cost, of one that was started with --max-cost')
    .addArgument(id)
    .addArgument(new Argument('<usd>', 'the new limit').argParser(usdOverNothing))
    .action(acts<[string, number]>(carry, async () => (await load()).setRunLimit));
}
