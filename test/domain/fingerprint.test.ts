import { fingerprintOf } from '../../domain/fingerprint.ts';

const code = 'llm_output_invalid';
const same = (...messages: string[]) => new Set(messages.map((message) => fingerprintOf(code, message))).size;

describe('fingerprintOf', () => {
  test.each([
    ['names in quotes', 'column "id" is missing', 'column "amount_usd" is missing'],
    ['names in backticks', 'the answer names `stg_a.b`', 'the answer names `orders`'],
    ['numbers', 'too long: 3001 of at most 3000 characters', 'too long: 4017 of at most 3000 characters'],
    ['hexadecimal ids', 'request 5f3a9c01be failed', 'request 00ff12ab44 failed'],
    [
      'UUIDs, which differ in where their digits are',
      'request 3f2b8c1a-1234-4abc-9def-0123456789ab failed',
      'request aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee failed',
    ],
    ['ids with a prefix', 'see req_011CSabC', 'see req_9f'],
    ['times', 'not before 2026-01-02T03:04:05.006Z', 'not before 2025-11-12T13:14:15Z'],
    ['case and punctuation', 'Connection refused.', 'connection refused'],
  ])('is equal for one cause whose messages differ in %s', (_what, one, other) => {
    expect(fingerprintOf(code, one)).toBe(fingerprintOf(code, other));
  });

  test('differs by cause and by code', () => {
    expect(same('the answer is empty', 'the answer is no JSON', 'the answer is too long')).toBe(3);
    expect(fingerprintOf('llm_refused', 'no')).not.toBe(fingerprintOf('llm_unavailable', 'no'));
  });

  test('does not take apostrophes for quotes, and so keeps the words between them', () => {
    expect(same("it can't be parsed, it isn't JSON", "it can't be stored, it isn't small")).toBe(2);
  });

  test('is short, readable and safe in an address', () => {
    expect(fingerprintOf(code, 'column "id" is missing')).toBe('llm_output_invalid:column-x-is-missing');
    const long = fingerprintOf(code, 'word '.repeat(1000));
    expect(long).toMatch(/^[a-z_]+:[a-z-]+$/);
    expect(long.length).toBeLessThanOrEqual(code.length + 61);
  });

  test('is the code alone where the message has no words', () => {
    expect(fingerprintOf(code, '')).toBe(code);
    expect(fingerprintOf(code, '…')).toBe(code);
  });

  test('ends soon on long text full of quotes', () => {
    const started = performance.now();
    fingerprintOf(code, `'"\``.repeat(30_000));
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
