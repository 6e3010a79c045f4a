import { createRequire } from 'node:module';
import fc from 'fast-check';
import { createTokenCounter } from '../../../gateways/llm/tokens.ts';
import { cpuMs } from '../../support/cpu-time.ts';

const countTokens = createTokenCounter();

// The counts are those of OpenAI's published tokenizers for these texts.
test.each([
  ['openai/gpt-5-mini', 'hello world', 2],
  ['openai/gpt-4o', 'hello world', 2],
  ['openai/o3', 'antidisestablishmentarianism', 6],
  ['offline/gpt-5-mini', 'hello world', 2],
  ['offline', 'hello world', 2],
  ['offline:failEvery=2', 'hello world', 2],
  ['openai/gpt-4', 'tiktoken is great!', 6],
  ['openai/gpt-4', 'お誕生日おめでとう', 9],
  ['openai/gpt-4o', 'お誕生日おめでとう', 8],
  ['openai/gpt-3.5-turbo', 'antidisestablishmentarianism', 6],
  ['openai/gpt-5-mini', '', 0],
])('%s counts the tokens of "%s" as its tokenizer does', (model, text, tokens) => {
  expect(countTokens(model, text)).toBe(tokens);
});

test.each([
  'anthropic/claude-sonnet-4-5',
  'offline/claude-sonnet-4-5',
  'openai/llama-3.3-70b',
  'openai/gpt-9',
  'compatible/gpt-5-mini',
  'nonsense',
])('%s has no known tokenizer, so UTF-8 bytes are the upper bound', (model) => {
  expect(countTokens(model, 'größer 🙂')).toBe(13);
});

test('text that looks like a special token is counted as text', () => {
  expect(countTokens('openai/gpt-5-mini', '<|endoftext|>')).toBeGreaterThan(1);
});

describe('a text counts the same line by line as in one piece', () => {
  const AS_PLAIN_TEXT = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };
  const words = fc.constantFrom(
    ...[
      'select',
      ' ',
      '  ',
      '\n',
      '\n\n',
      '\r\n',
      '\t',
      '/',
      '//',
      ';',
      ')',
      "'s",
      "'",
      '12345',
      'é',
      '日本',
      '🙂',
    ],
    ...['--', '\u2028', ' x', '.', '{{', '}}', 'A', 'aB', '\u00a0'],
  );

  test.each([
    ['openai/gpt-5-mini', 'o200k_base'],
    ['openai/gpt-4', 'cl100k_base'],
  ])('%s', (model, encoding) => {
    const tokenizer = createRequire(import.meta.url)(`gpt-tokenizer/encoding/${encoding}`);
    fc.assert(
      fc.property(fc.array(words, { maxLength: 40 }), (parts) => {
        const text = parts.join('');
        expect(countTokens(model, text)).toBe(tokenizer.countTokens(text, AS_PLAIN_TEXT));
      }),
      { numRuns: 2_000 },
    );
  });
});

test('no text has more tokens than UTF-8 bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
      expect(countTokens('openai/gpt-5-mini', text)).toBeLessThanOrEqual(Buffer.byteLength(text));
    }),
  );
});

test('an unbroken run of 200,000 characters is counted within two seconds, and nearly exactly', () => {
  let tokens = 0;
  const spent = cpuMs(() => {
    tokens = countTokens('openai/gpt-5-mini', 'abcdefghij'.repeat(20_000));
  });
  expect(spent).toBeLessThan(2000);
  const per1000 = countTokens('openai/gpt-5-mini', 'abcdefghij'.repeat(100));
  expect(tokens / (200 * per1000)).toBeCloseTo(1, 1);
});

test('a text is tokenized once: the second count takes a hundredth of the time', () => {
  const text = Array.from({ length: 40_000 }, (_, n) => `select column_${n} from table_${n}`).join('\n');
  const timeOf = () => cpuMs(() => countTokens('openai/gpt-5-mini', text));
  countTokens('openai/gpt-5-mini', 'load the encoding');
  const first = timeOf();
  const second = Math.min(timeOf(), timeOf(), timeOf());
  expect(second).toBeLessThan(first / 100 + 2);
});

test('the cache stays bounded, and counts stay right, over more texts than it keeps', () => {
  const texts = Array.from({ length: 12_000 }, (_, n) => `number ${n}`);
  const first = texts.map((text) => countTokens('openai/gpt-5-mini', text));
  const again = texts.map((text) => countTokens('openai/gpt-5-mini', text));
  expect(again).toEqual(first);
  expect(countTokens('openai/gpt-4', 'お誕生日おめでとう')).toBe(9);
});
