import { readRetryAfter } from '../../../gateways/llm/retry-after.ts';

const NOW = Date.parse('2030-01-01T00:00:00Z');

test.each([
  ['nothing', {}, 60_000],
  ['seconds', { 'retry-after': '7' }, 7000],
  ['parts of a second', { 'retry-after': '1.5' }, 1500],
  ['milliseconds, which come first', { 'retry-after-ms': '250', 'retry-after': '9' }, 250],
  ['an HTTP date', { 'retry-after': 'Tue, 01 Jan 2030 00:00:30 GMT' }, 30_000],
  ['a date that has passed', { 'retry-after': 'Mon, 31 Dec 2029 23:00:00 GMT' }, 100],
  ['no wait at all', { 'retry-after': '0' }, 100],
  ['more than an hour', { 'retry-after': '86400' }, 3_600_000],
  [
    'limits that are used up',
    {
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-requests-reset': '2030-01-01T00:00:12Z',
      'anthropic-ratelimit-tokens-remaining': '900',
      'anthropic-ratelimit-tokens-reset': '2030-01-01T00:00:45Z',
    },
    12_000,
  ],
  ['a negative number', { 'retry-after': '-5' }, 60_000],
  ['nonsense', { 'retry-after': 'soon' }, 60_000],
])('reads a Retry-After of %s', (_what, headers, expected) => {
  expect(readRetryAfter(headers, NOW)).toBe(expected);
});
