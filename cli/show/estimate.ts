import type { Estimate } from '../client/client.ts';
import { plural, usd, usdBand, wholeNumber } from './format.ts';
import { type TableColumn, tableLines } from './table.ts';

const STEP_COLUMNS: TableColumn[] = [
  { title: 'layer' },
  { title: 'calls', align: 'right' },
  { title: 'tokens in', align: 'right' },
  { title: 'tokens out', align: 'right' },
  { title: 'cost', align: 'right' },
  { title: 'from' },
];

const CLASS_COLUMNS: TableColumn[] = [
  { title: 'class' },
  { title: 'objects', align: 'right' },
  { title: 'fresh', align: 'right' },
  { title: 'calls', align: 'right' },
  { title: 'cost', align: 'right' },
];
const SHOWN_CLASSES = 10;

/** What a run would need: a row for each layer, the sum, classes of objects, and where it comes from. */
export function estimateLines(estimate: Estimate, bold: (text: string) => string): string[] {
  const { items, reusedItems, calls, model, basis } = estimate;
  if (calls === 0)
    return [`${plural(items, 'object')}, all fresh: no calls, ${usd(0)}.`, ...savingsLines(estimate)];
  const basisText = basis === 'cold' ? 'from general experience' : 'from your own past runs';
  const fresh = reusedItems > 0 ? `, of which ${wholeNumber(reusedItems)} may be fresh still` : '';
  return [
    `Estimate for ${plural(items, 'object')}${fresh}, with ${model} (${basisText}):`,
    ...tableLines(STEP_COLUMNS, stepRows(estimate), bold),
    ...classLines(estimate, bold),
    ...savingsLines(estimate),
    priceLine(estimate),
  ];
}

function stepRows({ steps, overhead, calls, tokens, costUsd }: Estimate): string[][] {
  const rows = steps.map((step) => [
    step.step,
    wholeNumber(step.calls),
    wholeNumber(step.inputTokens),
    range(step.outputTokens),
    usdBand(step.costUsd),
    step.basis === 'cold' ? 'general experience' : plural(step.samples, 'past call'),
  ]);
  const { share } = overhead;
  if (share.p90 > 0) rows.push(['repairs', percentRange(share), '', '', usdBand(overhead.costUsd), '']);
  if (rows.length === 1) return rows;
  return [
    ...rows,
    ['all', wholeNumber(calls), wholeNumber(tokens.input), range(tokens.output), usdBand(costUsd)],
  ];
}

function classLines({ classes }: Estimate, bold: (text: string) => string): string[] {
  if (classes.length < 2) return [];
  const rows = classes
    .slice(0, SHOWN_CLASSES)
    .map(({ class: name, items, reusedItems, calls, costUsd }) => [
      name,
      ...[items, reusedItems, calls].map(wholeNumber),
      usdBand(costUsd),
    ]);
  const more = classes.length - rows.length;
  const rest = more > 0 ? [`and ${plural(more, 'more class', 'more classes')}`] : [];
  return ['', ...tableLines(CLASS_COLUMNS, rows, bold), ...rest, ''];
}

function savingsLines({ reuseSavings: { calls, costUsd } }: Estimate): string[] {
  return calls === 0 ? [] : [`What is fresh already saves ${plural(calls, 'call')}, ${usdBand(costUsd)}.`];
}

function priceLine({ price }: Estimate): string {
  const { inputUsdPerMillion, outputUsdPerMillion, tiers = [], source } = price;
  const above = tiers.map(
    (tier) =>
      `, above ${wholeNumber(tier.aboveInputTokens)} tokens in a call ` +
      `$${tier.inputUsdPerMillion} in and $${tier.outputUsdPerMillion} out`,
  );
  const base = `Price per million tokens: $${inputUsdPerMillion} in, $${outputUsdPerMillion} out`;
  return `${base}${above.join('')} (${source}).`;
}

interface Range {
  p50: number;
  p90: number;
}

function range({ p50, p90 }: Range): string {
  const [low, high] = [wholeNumber(p50), wholeNumber(p90)];
  return low === high ? low : `${low} – ${high}`;
}

function percentRange({ p50, p90 }: Range): string {
  const [low, high] = [p50, p90].map((share) => `${Number((share * 100).toPrecision(2))} %`);
  return low === high ? `${low}` : `${low} – ${high}`;
}
