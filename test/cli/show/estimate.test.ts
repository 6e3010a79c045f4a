import type { Estimate } from '../../../cli/client/client.ts';
import { estimateLines } from '../../../cli/show/estimate.ts';

const sums = {
  calls: 2,
  inputTokens: 1234,
  outputTokens: { p50: 100, p90: 200 },
  costUsd: { p50: 0.01, p90: 0.02 },
};
const estimate: Estimate = {
  hash: 'h',
  basis: 'cold',
  items: 3,
  reusedItems: 1,
  calls: 4,
  model: 'anthropic/claude-sonnet-4-5',
  tokens: { input: 2468, output: { p50: 200, p90: 400 } },
  costUsd: { p50: 0.02, p90: 0.042 },
  steps: [
    { step: 'summary', basis: 'calibrated', samples: 120, ...sums },
    { step: 'columns', basis: 'cold', samples: 0, ...sums },
  ],
  classes: [
    { class: 'marts', items: 2, reusedItems: 0, ...sums },
    { class: 'staging', items: 1, reusedItems: 1, ...sums },
  ],
  overhead: { share: { p50: 0, p90: 0.05 }, costUsd: { p50: 0, p90: 0.002 } },
  reuseSavings: { calls: 2, costUsd: { p50: 0.01, p90: 0.02 } },
  price: {
    inputUsdPerMillion: 3,
    outputUsdPerMillion: 15,
    tiers: [{ aboveInputTokens: 200_000, inputUsdPerMillion: 6, outputUsdPerMillion: 22.5 }],
    source: 'genai-prices 1.2.3',
  },
};
const plain = (text: string) => text;

test('an estimate shows steps and their source, repairs, the sum, classes, savings and the price', () => {
  expect(estimateLines(estimate, plain)).toEqual([
    'Estimate for 3 objects, of which 1 may be fresh still, with anthropic/claude-sonnet-4-5 ' +
      '(from general experience):',
    'layer        calls  tokens in  tokens out             cost  from',
    'summary          2      1,234   100 – 200  $0.010 – $0.020  120 past calls',
    'columns          2      1,234   100 – 200  $0.010 – $0.020  general experience',
    'repairs  0 % – 5 %                         $0.00 – $0.0020',
    'all              4      2,468   200 – 400  $0.020 – $0.042',
    '',
    'class    objects  fresh  calls             cost',
    'marts          2      0      2  $0.010 – $0.020',
    'staging        1      1      2  $0.010 – $0.020',
    '',
    'What is fresh already saves 2 calls, $0.010 – $0.020.',
    'Price per million tokens: $3 in, $15 out, above 200,000 tokens in a call $6 in and $22.5 out ' +
      '(genai-prices 1.2.3).',
  ]);
});

test('where all is fresh it says what that saves', () => {
  expect(estimateLines({ ...estimate, calls: 0, items: 1 }, plain)).toEqual([
    '1 object, all fresh: no calls, $0.00.',
    'What is fresh already saves 2 calls, $0.010 – $0.020.',
  ]);
});

test('of many classes the ten dearest are shown, of one none', () => {
  const classes = Array.from({ length: 13 }, (_, at) => ({
    class: `c${at}`,
    items: 1,
    reusedItems: 0,
    ...sums,
  }));
  const lines = estimateLines({ ...estimate, classes }, plain);
  expect(lines).toContain('and 3 more classes');
  expect(lines.some((line) => line.startsWith('c9 '))).toBe(true);
  expect(lines.some((line) => line.startsWith('c10 '))).toBe(false);
  const one = estimateLines({ ...estimate, classes: classes.slice(0, 1) }, plain);
  expect(one.some((line) => line.startsWith('class'))).toBe(false);
});
