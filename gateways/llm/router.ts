import { AppError } from '../../domain/errors.ts';
import type { LanguageModel } from '../../domain/llm.ts';
import { readModelName } from '../../domain/model-name.ts';

/**
 * One language model over several providers, chosen by what stands before the first `/` or `:` of the
 * model's name.
 * @throws AppError `llm_model_unknown` for another provider, with those that are known.
 */
export function createLanguageModel(dependencies: {
  providers: Record<string, LanguageModel>;
}): LanguageModel {
  const { providers } = dependencies;
  function modelOf(name: string): LanguageModel {
    const provider = readModelName(name)?.provider;
    const model =
      provider !== undefined && Object.hasOwn(providers, provider) ? providers[provider] : undefined;
    if (model === undefined) throw unknownProvider(name, Object.keys(providers));
    return model;
  }
  return {
    generate: async (request, signal) => modelOf(request.model).generate(request, signal),
    embed: async (request, signal) => modelOf(request.model).embed(request, signal),
  };
}

function unknownProvider(name: string, known: string[]): AppError {
  return new AppError(
    'llm_model_unknown',
    `"${name}" names no model that is known here: a model is named PROVIDER/MODEL, ` +
      `with one of the providers ${known.sort().join(', ')}.`,
    { details: [{ field: 'model', problem: `unknown provider in "${name}"` }] },
  );
}
