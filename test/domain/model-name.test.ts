import { OFFLINE_STAND_IN, plainModelName, readModelName } from '../../domain/model-name.ts';

test.each([
  ['openai/gpt-5-mini', { provider: 'openai', options: '', model: 'gpt-5-mini' }],
  ['compatible/meta/llama-3', { provider: 'compatible', options: '', model: 'meta/llama-3' }],
  ['offline', { provider: 'offline', options: '', model: OFFLINE_STAND_IN }],
  ['offline:failEvery=2', { provider: 'offline', options: 'failEvery=2', model: OFFLINE_STAND_IN }],
  ['offline:failEvery=2/gpt-4o', { provider: 'offline', options: 'failEvery=2', model: 'gpt-4o' }],
  ['gpt-5-mini', undefined],
  ['openai/', undefined],
  ['offline/', undefined],
  ['', undefined],
])('reads the model name "%s"', (name, expected) => {
  expect(readModelName(name)).toEqual(expected);
});

test.each([
  ['offline:latencyMs=50,failEvery=3/gpt-4o', 'offline/gpt-4o'],
  ['offline', `offline/${OFFLINE_STAND_IN}`],
  ['openai/gpt-5-mini', 'openai/gpt-5-mini'],
  ['compatible/meta/llama-3', 'compatible/meta/llama-3'],
  ['nothing', 'nothing'],
])('without its options "%s" is %s', (name, plain) => {
  expect(plainModelName(name)).toBe(plain);
});
