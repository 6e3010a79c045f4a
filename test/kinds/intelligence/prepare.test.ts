import type { Block, Snapshot } from '../../../domain/company.ts';
import type { IntelligenceLibrary } from '../../../kinds/intelligence/library.ts';
import { outlineItems, prepareItem } from '../../../kinds/intelligence/prepare.ts';

const block = (id: string, after: string[] = []): Block => ({
  id,
  title: id,
  question: 'What is there?',
  lookFor: ['founded'],
  after,
  maxOutputTokens: 400,
});
const run = {
  id: 'r1',
  org: 'o',
  input: {
    companyId: 'c1',
    blocks: [block('NB1'), block('NB2'), block('NB3', ['NB1', 'NB2'])],
    comparison: [],
  },
  options: { model: 'offline/gpt-5-mini' } as never,
};
const answer = (text: string): Snapshot => ({
  id: 'r1:0',
  subject: 'c1',
  block: 'NB1',
  inputHash: 'h',
  text,
  model: 'gpt-5-mini',
  run: 'r1',
  createdAt: new Date(),
});

/** Only the first block has an answer: the second has failed, or had not its turn. */
const library: IntelligenceLibrary = {
  company: async (_org, id) => ({ id, name: 'Real Ltd', description: '', createdAt: new Date() }),
  sources: async () => [
    { label: 'S1', title: 't', text: 'It makes chairs.', hash: 'h', addedAt: new Date() },
  ],
  newestSnapshot: async (_org, _subject, id) =>
    id === 'NB1' ? answer('- It makes chairs. [S1]') : undefined,
  keepSnapshot: async () => {},
  freshnessDays: async () => 30,
};

test('a block is asked with the answers that are there, never with one that stands in', async () => {
  const { steps } = await prepareItem(library, run, { seq: 2, key: 'c1:NB3' });
  const [step] = steps;
  if (step === undefined || !('request' in step)) throw new Error('a block is one step');
  const { instruction } = step.request(new Map());
  expect(instruction).toContain('## NB1\n- It makes chairs. [S1]');
  expect(instruction).not.toContain('## NB2');
  expect(instruction).not.toContain('founded in');
});

test('an estimate reckons with answers of the usual length', async () => {
  const [item] = await outlineItems(library, run, ['c1:NB3']);
  const [step] = item?.steps ?? [];
  if (step === undefined || !('request' in step)) throw new Error('a block is one step');
  expect(step.request.instruction).toContain('## NB2\n- ');
});
