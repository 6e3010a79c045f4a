import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Block } from '../../../domain/company.ts';
import { checkAnswer } from '../../../kinds/intelligence/checks.ts';
import { writeIntelligence } from '../../../kinds/intelligence/offline.ts';
import { standardBlocks } from '../../../kinds/intelligence/read/blocks.ts';
import { textOfSource } from '../../../kinds/intelligence/read/source-text.ts';

const FOLDER = join(import.meta.dirname, '../../../examples/intelligence');
const read = (path: string) => readFileSync(join(FOLDER, path));

async function sources() {
  return [
    { label: 'S1', title: 'profile', text: await textOfSource(read('larkspur/profile.md'), 'markdown') },
    { label: 'S2', title: 'press', text: await textOfSource(read('larkspur/press.html'), 'html') },
  ];
}

async function answer(
  id: string,
  more: Partial<Block> = {},
  given?: { label: string; title: string; text: string }[],
) {
  const block = standardBlocks().blocks.find((each) => each.id === id);
  if (block === undefined) throw new Error(`there is no block ${id}`);
  const facts = { block: { ...block, ...more }, name: 'x', companies: [], earlier: [] };
  return writeIntelligence(id, { ...facts, sources: given ?? (await sources()) });
}

test('every block is answered from the sources, so that the checks accept it', async () => {
  const all = await sources();
  for (const { id } of standardBlocks().blocks) expect(checkAnswer(await answer(id), all)).toEqual([]);
});

test('an answer holds what was asked for, with its source', async () => {
  expect(await answer('NB5')).toContain('Swift costs 6.90 EUR per parcel, Steady 4.20 EUR. [S1]');
  expect(await answer('NB10')).toContain('Revenue grew by 18 percent to 61 million EUR in 2025');
  expect(await answer('NB7')).toContain('PostSprint');
});

test('another source is another answer; what no source tells is said so', async () => {
  const changed = (await sources()).map((each) => ({ ...each, text: each.text.replaceAll('6.90', '7.50') }));
  expect(await answer('NB5', {}, changed)).toContain('Swift costs 7.50 EUR');
  expect(await answer('NB5', { lookFor: ['submarine'] })).toBe('The sources do not tell.');
});

test('the same facts give the same text', async () => {
  expect(await answer('NB1')).toBe(await answer('NB1'));
});
