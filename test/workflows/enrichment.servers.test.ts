import { proveMemories, starter } from '../proof/memories.ts';

const SENTENCES = [
  'My sister lives in Lisbon and has two children',
  'Remember to renew the insurance of the car before March',
  'The concert of the choir is on the 12th of May at eight',
  'How long does it take until a card arrives by mail?',
  'I prefer seats at the window on long flights',
].map((text) => ({ text, label: '' }));

test('exactly those memories are enriched that the day affords, the others on the next day', async () => {
  await proveMemories(starter(), SENTENCES, { memories: 40, users: 3, affordable: 24 });
}, 180_000);
