import { invalidInput } from '../domain/errors.ts';
import { given } from '../domain/given.ts';
import { standInFor } from '../domain/model-name.ts';
import { fromUsd } from '../domain/money.ts';
import type { KindName, RunOptions } from '../domain/run.ts';
import type { RunRequest } from '../domain/run-request.ts';
import type { Settings } from '../domain/settings.ts';
import type { Kinds } from './index.ts';
import type { Kind } from './kind.ts';

interface FreezeDeps {
  kinds: Kinds;
  store: { settings: { find(org: string): Promise<Settings> } };
  /** The model of runs that name none. */
  defaultModel: string;
}

/**
 * Checks a requested run against its kind, as far as that can be done before it is stored.
 * @throws AppError `invalid_input` naming the field, `not_found`.
 */
export async function frozenRun(deps: FreezeDeps, org: string, asked: RunRequest) {
  const kind = kindOf(deps, asked.kind);
  const input = await kind.freeze(org, kind.parseInput(asked.input));
  const settings = await deps.store.settings.find(org);
  const usual = settings.llmProvider ?? deps.defaultModel;
  const {
    model = usual,
    maxCostUsd,
    emergencyReason,
    runRetries = kind.runRetries ?? 0,
    ...rest
  } = asked.options;
  const models = [model].flat().map(settings.llmMockMode ? standInFor : (name) => name);
  const [first = usual, ...fallbackModels] = models;
  const options: RunOptions = {
    ...rest,
    ...(runRetries > 0 && { runRetries }),
    model: first,
    ...(fallbackModels.length > 0 && { fallbackModels }),
    ...(emergencyReason !== undefined && { emergencyReason }),
  };
  const cap = maxCostUsd === undefined ? {} : { capNanoUsd: fromUsd(maxCostUsd) };
  return { kind, input, options, scope: given(asked.scope), ...cap };
}

/** @throws AppError `invalid_input` for a kind that is not known here. */
export function kindOf(deps: Pick<FreezeDeps, 'kinds'>, name: KindName): Kind {
  const kind = deps.kinds[name];
  if (kind !== undefined) return kind;
  const known = Object.keys(deps.kinds).join(', ');
  throw invalidInput(`runs of the kind ${name} are not known here; known: ${known}`, [
    { field: 'kind', problem: `must be one of: ${known}` },
  ]);
}
