import { type Command, Option } from 'commander';
import { SCOPE_FIELDS } from '../domain/budgets/scope.ts';
import { usdFrom } from './option-values.ts';

const NANO_USD = 1e-9;

/** Reads an amount over nothing. */
export const usdOverNothing = usdFrom(NANO_USD);

/** An option for an amount over nothing. */
export function amount(flags: string, description: string): Option {
  return new Option(flags, description).argParser(usdOverNothing);
}

/** An option for an amount that may be nothing. */
export function amountFromNothing(flags: string, description: string): Option {
  return new Option(flags, description).argParser(usdFrom(0));
}

/** Options that name what costs belong to. */
export function addScopeOptions(command: Command): Command {
  for (const field of SCOPE_FIELDS) command.option(`--${field} <name>`, SCOPE_WORDS[field]);
  return command;
}

const SCOPE_WORDS: Record<(typeof SCOPE_FIELDS)[number], string> = {
  team: 'costs of this team',
  queue: 'costs of this queue',
  user: 'costs of this user',
  kind: 'costs of this kind of run or job',
  provider: 'costs of this provider, e.g. openai',
  model: 'costs of this model, e.g. openai/gpt-5-mini',
};
