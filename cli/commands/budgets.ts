import { randomUUID } from 'node:crypto';
import { invalidInput } from '../../domain/errors.ts';
import {
  budgetEditOf,
  type NewBudgetOptions,
  newBudgetOf,
  type ScopeOptions,
  scopeOf,
  type TermOptions,
} from '../budget-options.ts';
import type { Budget } from '../client/money.ts';
import type { CommandContext } from '../context.ts';
import { EXIT, Interrupted } from '../exit-codes.ts';
import { withSession } from '../session.ts';
import { auditTable, budgetLines, budgetTable } from '../show/budgets.ts';
import { confirm } from '../show/confirm.ts';
import { plural, usd } from '../show/format.ts';

/** Runs that wait are told by the API; no workflow needs to run for that. */
const NEEDS = { temporal: false, command: 'budgets' };
const CREATE_HINT = 'Create one with: bursar budgets create NAME --amount 50';

/** `bursar budgets list` */
export async function listBudgets(
  context: CommandContext,
  options: ScopeOptions & { tag?: string; limit: number },
): Promise<number> {
  const { output } = context;
  return withSession(context, NEEDS, async ({ client }) => {
    const filter = { ...scopeOf(options), ...(options.tag !== undefined && { tag: options.tag }) };
    const page = await client.budgets({ ...filter, limit: String(options.limit) });
    output.result(page);
    if (page.budgets.length === 0) {
      const none = Object.keys(filter).length === 0 ? 'No budgets yet' : 'No budget is like that';
      output.line(`${none}, so nothing limits what is spent. ${CREATE_HINT}`);
      return EXIT.done;
    }
    for (const line of budgetTable(page.budgets, output.style)) output.line(line);
    if (page.has_more) output.line(`and ${plural(page.total - page.budgets.length, 'more')} (--limit 100)`);
    return EXIT.done;
  });
}

/** `bursar budgets show` */
export async function showBudget(
  context: CommandContext,
  id: string,
  { user }: { user?: string },
): Promise<number> {
  const { output } = context;
  return withSession(context, NEEDS, async ({ client }) => {
    const budget = await client.budget(id);
    const status = await client.budgetStatus(id, user === undefined ? {} : { user });
    output.result({ ...budget, standing: status });
    for (const line of budgetLines(budget, status, output.style)) output.line(line);
    return EXIT.done;
  });
}

/** `bursar budgets create` */
export async function createBudget(
  context: CommandContext,
  name: string,
  options: NewBudgetOptions,
): Promise<number> {
  const asked = newBudgetOf(name, options);
  return withSession(context, NEEDS, async ({ client }) =>
    changed(context, await client.createBudget(asked, randomUUID()), 'is created'),
  );
}

/** `bursar budgets edit` */
export async function editBudget(
  context: CommandContext,
  id: string,
  options: TermOptions & { name?: string },
): Promise<number> {
  const edit = budgetEditOf(options);
  return withSession(context, NEEDS, async ({ client }) =>
    changed(context, await client.editBudget(id, edit), 'is changed'),
  );
}

/** `bursar budgets raise` */
export async function raiseBudget(
  context: CommandContext,
  id: string,
  options: { by: number; reason: string; until?: string; user?: string },
): Promise<number> {
  const { by, reason, until, user } = options;
  const rest = { ...(until !== undefined && { until }), ...(user !== undefined && { user }) };
  return withSession(context, NEEDS, async ({ client }) => {
    const budget = await client.raiseBudget(id, { amountUsd: by, reason, ...rest }, randomUUID());
    return changed(context, budget, `is raised by ${usd(by)} for this period`);
  });
}

/** `bursar budgets close-breaker` */
export async function closeBreaker(
  context: CommandContext,
  id: string,
  { reason }: { reason: string },
): Promise<number> {
  return withSession(context, NEEDS, async ({ client }) =>
    changed(context, await client.closeBreaker(id, reason), 'lets spending through again'),
  );
}

/** `bursar budgets delete` */
export async function deleteBudget(
  context: CommandContext,
  id: string,
  { yes }: { yes?: boolean },
): Promise<number> {
  const { output, interrupts } = context;
  if (yes !== true && !process.stdin.isTTY)
    throw invalidInput('there is no terminal to ask for confirmation: add --yes to delete the budget');
  return withSession(context, NEEDS, async ({ client }) => {
    const { name } = await client.budget(id);
    const question = `Delete ${name}? It limits nothing from then on.`;
    if (yes !== true && !(await confirm(question, interrupts.first)))
      throw new Interrupted('nothing was deleted');
    await client.deleteBudget(id);
    output.result({ id, deleted: true });
    output.line(`${name} (${id}) is deleted; its history stays: bursar budgets audit ${id}`);
    return EXIT.done;
  });
}

/** `bursar budgets audit` */
export async function auditBudgets(
  context: CommandContext,
  id: string | undefined,
  { event, limit }: { event?: string; limit: number },
): Promise<number> {
  const { output } = context;
  return withSession(context, NEEDS, async ({ client }) => {
    const page = await client.audit({
      limit: String(limit),
      ...(id !== undefined && { budget: id }),
      ...(event !== undefined && { event }),
    });
    output.result(page);
    if (page.rows.length === 0) output.line('Nothing has happened to budgets like that.');
    else for (const line of auditTable(page.rows, output.style)) output.line(line);
    if (page.has_more) output.line(`and ${plural(page.total - page.rows.length, 'more')} (--limit 100)`);
    return EXIT.done;
  });
}

/** `bursar budgets check`; a no ends with the exit code of a budget. */
export async function checkBudgets(
  context: CommandContext,
  options: ScopeOptions & { priority?: number },
): Promise<number> {
  const { output } = context;
  const { priority } = options;
  return withSession(context, NEEDS, async ({ client }) => {
    const question = { ...scopeOf(options), ...(priority !== undefined && { priority }) };
    const decision = await client.checkBudgets(question);
    output.result(decision);
    const { style } = output;
    const paint = { allow: style.good, warn: style.warning, throttle: style.warning, block: style.bad };
    const pace = decision.type === 'throttle' ? ` to ${decision.factor} of the usual pace` : '';
    output.line(`${paint[decision.type](decision.type)}${pace}: ${decision.message}`);
    return decision.type === 'block' ? EXIT.stoppedByBudget : EXIT.done;
  });
}

function changed({ output }: CommandContext, budget: Budget, how: string): number {
  output.result(budget);
  output.line(`${budget.name} (${budget.id}) ${how}.`);
  for (const line of budgetTable([budget], output.style)) output.line(line);
  return EXIT.done;
}
