import type { SharedLimits } from '../../domain/limiter.ts';
import type { CountTokens, LanguageModel } from '../../domain/llm.ts';
import type { VendorName } from '../../domain/model-name.ts';
import type { Credentials } from './credentials.ts';
import { createKeyedModel } from './keyed-model.ts';
import { createLimiter } from './limiter.ts';
import { VENDORS } from './vendors.ts';

interface VendorModelsOptions {
  credentialsOf(org: string, provider: string): Promise<Credentials>;
  limits: SharedLimits;
  timeoutMs: number;
  countTokens: CountTokens;
  now: () => Date;
}

/** The models of every vendor that is reached over the network, with the keys and limits of who asks. */
export function createVendorModels(options: VendorModelsOptions): Record<VendorName, LanguageModel> {
  const { limits, timeoutMs, countTokens, now } = options;
  const models = Object.values(VENDORS).map((vendor) => {
    const model = createKeyedModel(vendor, options);
    return [vendor.name, createLimiter({ model, limits, timeoutMs, countTokens, now })];
  });
  return Object.fromEntries(models) as Record<VendorName, LanguageModel>;
}
