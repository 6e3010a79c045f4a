import { Argument, type Command, Option } from 'commander';
import { DEFAULT_POLICY, DEFAULT_THRESHOLDS, PERIOD_TYPES } from '../domain/budgets/budget.ts';
import type { NewBudgetOptions, ScopeOptions, TermOptions } from './budget-options.ts';
import { addScopeOptions, amount, amountFromNothing } from './money-options.ts';
import { share, shareList, timeOf, wholeNumberFrom, wordList } from './option-values.ts';
import type { Carry } from './program.ts';
import { acts } from './program-resources.ts';

const load = () => import('./commands/budgets.ts');
const id = new Argument('<budget>', 'id of the budget');
const limit = () => new Option('--limit <number>', 'how many').argParser(wholeNumberFrom(1, 100)).default(50);

/** `bursar budgets …` */
export function addBudgetCommands(budgets: Command, carry: Carry): void {
  addLooks(budgets, carry);
  addChanges(budgets, carry);
  addWaysPast(budgets, carry);
}

function addLooks(budgets: Command, carry: Carry): void {
  const list = budgets
    .command('list')
    .description('the newest first, with what is spent, held and left')
    .option('--tag <tag>', 'only with this tag')
    .addOption(limit());
  addScopeOptions(list).action(
    acts<[ScopeOptions & { tag?: string; limit: number }]>(carry, async () => (await load()).listBudgets),
  );
  budgets
    .command('show')
    .description('how a budget stands, what was agreed, and its earlier periods')
    .addArgument(id)
    .option('--user <name>', 'of a budget per user: how this one stands')
    .action(acts<[string, { user?: string }]>(carry, async () => (await load()).showBudget));
  budgets
    .command('audit')
    .description('who did what to budgets, and what they did by themselves')
    .argument('[budget]', 'id of the budget (default: all)')
    .option('--event <event>', 'only these, e.g. raised, block, overrun')
    .addOption(limit())
    .action(
      acts<[string | undefined, { event?: string; limit: number }]>(
        carry,
        async () => (await load()).auditBudgets,
      ),
    );
  const check = budgets
    .command('check')
    .description('whether work of a scope may go on; exit code 4 if not')
    .option('--priority <number>', '1 to 10, 10 is the most urgent', wholeNumberFrom(1, 10));
  addScopeOptions(check).action(
    acts<[ScopeOptions & { priority?: number }]>(carry, async () => (await load()).checkBudgets),
  );
}

function addChanges(budgets: Command, carry: Carry): void {
  const create = budgets
    .command('create')
    .description('a new budget; without a scope it is for everything')
    .argument('<name>', 'what people call it')
    .addOption(amountFromNothing('--amount <usd>', 'for each period').makeOptionMandatory())
    .addOption(new Option('--period <type>', 'how often').choices([...PERIOD_TYPES]).default('monthly'))
    .option('--start <day>', 'the first day, YYYY-MM-DD')
    .option('--end <day>', 'the last day, YYYY-MM-DD')
    .option('--time-zone <name>', 'where its days begin, e.g. Europe/Berlin (default: UTC)')
    .option('--per-user', 'each user has the amount');
  addTermOptions(addScopeOptions(create), false).action(
    acts<[string, NewBudgetOptions]>(carry, async () => (await load()).createBudget),
  );
  const edit = budgets
    .command('edit')
    .description('change what is named; what is committed stays committed')
    .addArgument(id)
    .option('--name <name>', 'what people call it')
    .addOption(amountFromNothing('--amount <usd>', 'for each period'));
  addTermOptions(edit, true).action(
    acts<[string, TermOptions & { name?: string }]>(carry, async () => (await load()).editBudget),
  );
  budgets
    .command('delete')
    .description('limit nothing by it any more; its history stays')
    .addArgument(id)
    .option('-y, --yes', 'without asking')
    .action(acts<[string, { yes?: boolean }]>(carry, async () => (await load()).deleteBudget));
}

/** What is agreed about a budget. Only an edit can take something back. */
function addTermOptions(command: Command, isEdit: boolean): Command {
  const { warning, throttle, block } = DEFAULT_THRESHOLDS;
  const { throttleFactor } = DEFAULT_POLICY;
  command
    .option('--warning <share>', `of the amount, to warn from (default: ${warning})`, share)
    .option('--throttle <share>', `to slow down from (default: ${throttle})`, share)
    .option('--block <share>', `to refuse from (default: ${block})`, share)
    .option('--alert-at <a,b>', 'shares at which people are told', shareList)
    .option('--throttle-factor <share>', `of the usual pace (default: ${throttleFactor})`, share)
    .option('--warn-only', 'never refuse')
    .option('--allow-emergency', 'let priority 8 and over pass, with a reason')
    .option('--grace-hours <hours>', 'go on so long after the first refusal', wholeNumberFrom(0, 8_784))
    .addOption(amountFromNothing('--grace-max <usd>', 'the most that grace lets pass'))
    .addOption(amountFromNothing('--rollover <usd>', 'the most that goes over to the next period'))
    .option('--breaker', 'stop all of its scope at 100% spent')
    .option('--velocity <usd/minutes>', 'and when more is spent within minutes, e.g. 5/10')
    .option('--cool-down <minutes>', 'until one probe may pass after that', wholeNumberFrom(1, 44_640))
    .option('--tag <a,b>', 'to find it by', wordList);
  if (!isEdit) return command.option('--no-active', 'it does not count for now');
  return command
    .option('--no-warn-only', 'refuse again')
    .option('--no-allow-emergency', 'let nobody pass any more')
    .option('--no-rollover', 'let nothing go over any more')
    .option('--no-breaker', 'only refuse')
    .option('--active', 'let it count again')
    .option('--no-active', 'let it not count for now');
}

function addWaysPast(budgets: Command, carry: Carry): void {
  budgets
    .command('raise')
    .description('more for the present period; audited')
    .addArgument(id)
    .addOption(amount('--by <usd>', 'how much more').makeOptionMandatory())
    .requiredOption('--reason <text>', 'why')
    .option('--until <time>', 'until then (default: the end of the period)', timeOf)
    .option('--user <name>', 'of a budget per user: for this one')
    .action(
      acts<[string, { by: number; reason: string; until?: string; user?: string }]>(
        carry,
        async () => (await load()).raiseBudget,
      ),
    );
  budgets
    .command('bypass')
    .description('let one run pass all budgets but its own limit; audited')
    .argument('<run>', 'id of the run')
    .requiredOption('--reason <text>', 'why')
    .action(
      acts<[string, { reason: string }]>(
        carry,
        async () => (await import('./commands/run-money.ts')).bypassBudgets,
      ),
    );
  budgets
    .command('close-breaker')
    .description('let spending through again; audited')
    .addArgument(id)
    .requiredOption('--reason <text>', 'why')
    .action(acts<[string, { reason: string }]>(carry, async () => (await load()).closeBreaker));
}
