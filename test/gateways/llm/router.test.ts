import type { LanguageModel } from '../../../domain/llm.ts';
import { createOfflineModel } from '../../../gateways/llm/offline.ts';
import { createLanguageModel } from '../../../gateways/llm/router.ts';
import { createSdkModel } from '../../../gateways/llm/sdk-model.ts';
import { createTokenCounter } from '../../../gateways/llm/tokens.ts';
import { VENDORS } from '../../../gateways/llm/vendors.ts';
import { quiet, rejectionOf, requestOf } from './request.ts';

const model: LanguageModel = createLanguageModel({
  providers: {
    openai: createSdkModel(VENDORS.openai, { timeoutMs: 5_000 }),
    offline: createOfflineModel({
      writers: { documentation: () => 'Written offline.' },
      countTokens: createTokenCounter(),
    }),
  },
});

test.each(['offline', 'offline/gpt-4o', 'offline:latencyMs=1', 'offline:latencyMs=1/gpt-4o'])(
  '%s goes to the offline provider',
  async (name) => {
    expect((await model.generate(requestOf({ model: name }), quiet())).text).toBe('Written offline.');
  },
);

test('openai/… goes to OpenAI', async () => {
  const error = await rejectionOf(model.generate(requestOf({ model: 'openai/gpt-5-mini' }), quiet()));
  expect(error).toMatchObject({ code: 'llm_key_missing' });
});

test.each(['gpt-5-mini', 'anthropics/claude', 'constructor/x', '', 'openai/'])(
  'refuses "%s" and lists the providers that are known',
  async (name) => {
    const error = await rejectionOf(model.generate(requestOf({ model: name }), quiet()));
    expect(error).toMatchObject({ code: 'llm_model_unknown', fatal: true });
    expect(error).toMatchObject({ publicMessage: expect.stringContaining('offline, openai') });
  },
);
