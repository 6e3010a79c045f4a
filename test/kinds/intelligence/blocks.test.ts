import type { AppError } from '../../../domain/errors.ts';
import { parseBlocks, standardBlocks } from '../../../kinds/intelligence/read/blocks.ts';

const block = (id: string, more = '') =>
  `  - { id: ${id}, title: T, question: What is it about?, lookFor: [word]${more} }\n`;

function refusal(text: string): AppError {
  try {
    parseBlocks(text, 'mine.yaml');
  } catch (error) {
    return error as AppError;
  }
  throw new Error('it was accepted');
}

test('there are NB1 to NB15, and what compares two companies builds on them', () => {
  const { blocks, comparison } = standardBlocks();
  expect(blocks.map(({ id }) => id)).toEqual(Array.from({ length: 15 }, (_, at) => `NB${at + 1}`));
  expect(comparison.length).toBeGreaterThan(0);
  for (const { after } of comparison) expect(after.length).toBeGreaterThan(0);
});

test.each<[string, string, string]>([
  ['blocks: [', 'mine.yaml:1', 'YAML'],
  ['blocks: []', 'blocks', '>=1 items'],
  ['other: 1', 'blocks', ''],
  [`blocks:\n${block('1x')}`, 'blocks.0.id', 'NB1'],
  [`blocks:\n${block('A')}${block('A')}`, 'blocks.1.id', '"A" is there already'],
  [`blocks:\n${block('A', ', after: [B]')}${block('B')}`, 'blocks.0.after', '"B" is no block before it'],
  [`blocks:\n${block('A', ', colour: red')}`, 'blocks.0.colour', 'colour'],
  [`blocks:\n${block('A')}comparison:\n${block('C', ', after: [X]')}`, 'comparison.0.after', '"X"'],
])('%j is refused: %s', (text, field, words) => {
  const error = refusal(text);
  expect(error.code).toBe('invalid_input');
  expect(error.details[0]?.field).toBe(field);
  expect(`${error.publicMessage} ${error.details[0]?.problem}`).toContain(words);
});

test('defaults fill in what a block may leave out', () => {
  expect(parseBlocks(`blocks:\n${block('A')}`)).toEqual({
    blocks: [
      {
        id: 'A',
        title: 'T',
        question: 'What is it about?',
        lookFor: ['word'],
        after: [],
        maxOutputTokens: 900,
      },
    ],
    comparison: [],
  });
});
