import { keepAtMost } from '../../domain/keep-at-most.ts';
import type { CountTokens, LanguageModel } from '../../domain/llm.ts';
import type { Credentials } from './credentials.ts';
import { createSdkModel } from './sdk-model.ts';
import type { Vendor } from './vendors.ts';

interface KeyedModelOptions {
  credentialsOf(org: string, provider: string): Promise<Credentials>;
  timeoutMs: number;
  countTokens: CountTokens;
}

const MAX_MODELS = 1000;

/** A vendor's models, each call with the key and address of the organization that pays for it. */
export function createKeyedModel(vendor: Vendor, options: KeyedModelOptions): LanguageModel {
  const { credentialsOf, ...rest } = options;
  const models = new Map<string, LanguageModel>();

  async function modelFor(org: string): Promise<LanguageModel> {
    const { apiKey, baseUrl } = await credentialsOf(org, vendor.name);
    const key = JSON.stringify([apiKey, baseUrl]);
    const known = models.get(key);
    if (known !== undefined) return known;
    const access = { ...(apiKey !== undefined && { apiKey }), ...(baseUrl !== undefined && { baseUrl }) };
    const model = createSdkModel(vendor, { ...rest, ...access });
    keepAtMost(MAX_MODELS, models, key, model);
    return model;
  }

  return {
    generate: async (request, signal) => (await modelFor(request.org ?? '')).generate(request, signal),
    embed: async (request, signal) => (await modelFor(request.org ?? '')).embed(request, signal),
  };
}
