import type { Estimate } from '../client/client.ts';
import { plural, usd, usdBand, wholeNumber } from './format.ts';
import { type TableColumn, tableLines } from './table.ts';

const COLUMNS: TableColumn[] = [
  { title: 'layer' },
  { title: 'calls', align: 'right' },
  { title: 'tokens in', align: 'right' },
  { title: 'tokens out', align: 'right' },
  { title: 'cost', align: 'right' },
];

/** What a run would need: a row for each layer, the sum, and where the price comes from. */
export function estimateLines(estimate: Estimate, bold: (text: string) => string): string[] {
  const { items, reusedItems, calls, tokens, costUsd, model, price, basis } = estimate;
  if (calls === 0) return [`${plural(items, 'object')}, all fresh: no calls, ${usd(0)}.`];
  const { inputUsdPerMillion, outputUsdPerMillion, source } = price;
  const rows = estimate.steps.map(({ step, calls: count, inputTokens, outputTokens, costUsd: cost }) =>
    rowOf(step, count, inputTokens, outputTokens, cost),
  );
  const sum = rowOf('all', calls, tokens.input, tokens.output, costUsd);
  const basisText = basis === 'cold' ? 'from general experience' : 'from your own past runs';
  const fresh = reusedItems > 0 ? `, of which ${wholeNumber(reusedItems)} may be fresh still` : '';
  return [
    `Estimate for ${plural(items, 'object')}${fresh}, with ${model} (${basisText}):`,
    ...tableLines(COLUMNS, rows.length > 1 ? [...rows, sum] : rows, bold),
    `Price per million tokens: $${inputUsdPerMillion} in, $${outputUsdPerMillion} out (${source}).`,
  ];
}

interface Range {
  p50: number;
  p90: number;
}

function rowOf(step: string, calls: number, input: number, output: Range, cost: Range): string[] {
  const [low, high] = [wholeNumber(output.p50), wholeNumber(output.p90)];
  const outputText = low === high ? low : `${low} – ${high}`;
  return [step, wholeNumber(calls), wholeNumber(input), outputText, usdBand(cost)];
}
