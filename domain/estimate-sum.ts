import { plus, product, times } from './band.ts';
import { type Calibration, cachedShare, extraCallShare, isCalibrated, ratioBand } from './calibration.ts';
import type { ClassEstimate, Estimate, ExpectedCalls, ExpectedItem, StepEstimate } from './estimate.ts';
import { dearestInputRate, type Price, ratesOf, roundHalfUp } from './money.ts';
import type { Band } from './run.ts';

/**
 * Extra calls before runs have shown how many there are: none as a rule, and one step in twenty asked twice
 * at the dear end of the band. An assumption; each run replaces it by what it has seen.
 */
const COLD_OVERHEAD: Band = { p50: 0, p90: 0.05 };

/** Classes beyond these are shown as one. */
const MAX_CLASSES = 40;
const OTHER_CLASSES = 'other';

/**
 * Sums over the calls of one step and class. Costs in nano-dollars, not yet rounded. Output stands as the
 * kind expects it; what a calibration makes of it can be told only when all calls are counted.
 */
interface Cell {
  calls: number;
  inputTokens: number;
  plainInput: number;
  /** What of the plain input cost falls away for input that comes from the provider's cache. */
  cacheDiscount: number;
  dearestInput: number;
  output: Band;
  outputCost: Band;
  maxOutput: number;
  maxOutputCost: number;
}

interface ClassCount {
  items: number;
  reusedItems: number;
}

/** Adds up expected items, in any number: memory grows with steps and classes alone. */
export function sumEstimate(price: Price) {
  const asked = new Map<string, Map<string, Cell>>();
  const saved = new Map<string, Map<string, Cell>>();
  const classes = new Map<string, ClassCount>();
  return {
    add(item: ExpectedItem): void {
      const name = classes.has(item.class) || classes.size < MAX_CLASSES ? item.class : OTHER_CLASSES;
      const count = classes.get(name) ?? { items: 0, reusedItems: 0 };
      count.items += 1;
      if (item.reused) count.reusedItems += 1;
      classes.set(name, count);
      for (const calls of item.asked) addCalls(cellOf(asked, calls.step, name), calls, price);
      for (const calls of item.saved) addCalls(cellOf(saved, calls.step, name), calls, price);
    },
    end(
      facts: Pick<Estimate, 'model'>,
      calibrations: ReadonlyMap<string, Calibration>,
    ): Omit<Estimate, 'hash'> {
      return { ...endOf(asked, saved, classes, calibrations), ...facts, price };
    },
  };
}

function cellOf(table: Map<string, Map<string, Cell>>, step: string, name: string): Cell {
  const row = table.get(step) ?? new Map<string, Cell>();
  table.set(step, row);
  const cell = row.get(name) ?? emptyCell();
  row.set(name, cell);
  return cell;
}

function addCalls(cell: Cell, of: ExpectedCalls, price: Price): void {
  const { calls, inputTokens, outputTokens } = of;
  if (calls === 0) return;
  const rates = ratesOf(price, inputTokens);
  const input = calls * inputTokens * 1000;
  const outputRate = rates.outputUsdPerMillion * 1000;
  const maxOutput = calls * (of.maxOutputTokens ?? Number.POSITIVE_INFINITY);
  cell.calls += calls;
  cell.inputTokens += calls * inputTokens;
  cell.plainInput += input * rates.inputUsdPerMillion;
  cell.cacheDiscount +=
    input * (rates.inputUsdPerMillion - (rates.cachedReadUsdPerMillion ?? rates.inputUsdPerMillion));
  cell.dearestInput += input * dearestInputRate(price, inputTokens);
  cell.output = plus(cell.output, times(outputTokens, calls));
  cell.outputCost = plus(cell.outputCost, times(outputTokens, calls * outputRate));
  cell.maxOutput += maxOutput;
  cell.maxOutputCost += outputRate === 0 ? 0 : maxOutput * outputRate;
}

function endOf(
  asked: Map<string, Map<string, Cell>>,
  saved: Map<string, Map<string, Cell>>,
  counts: Map<string, ClassCount>,
  calibrations: ReadonlyMap<string, Calibration>,
): Omit<Estimate, 'hash' | 'model' | 'price'> {
  const classes = new Map([...counts].map(([name, count]) => [name, { class: name, ...count, ...NOTHING }]));
  const steps: StepEstimate[] = [];
  const overhead = { calls: { p50: 0, p90: 0 }, cost: { p50: 0, p90: 0 } };
  for (const [step, cells] of asked) {
    const figures = figuresOf(calibrations.get(step), callsIn(cells));
    const sums = { ...NOTHING, step, basis: figures.basis, samples: figures.samples };
    for (const [name, cell] of cells) {
      const part = partOf(cell, figures);
      addTo(sums, part);
      addTo(classes.get(name) ?? sums, part);
    }
    steps.push(sums);
    overhead.calls = plus(overhead.calls, times(figures.extra, sums.calls));
    overhead.cost = plus(overhead.cost, product(figures.extra, sums.costNanoUsd));
  }
  const whole = { ...NOTHING };
  for (const sums of steps) addTo(whole, sums);
  const overheadCost = { p50: roundHalfUp(overhead.cost.p50), p90: roundHalfUp(overhead.cost.p90) };
  const cold = steps.length === 0 || steps.some(({ basis }) => basis === 'cold');
  return {
    basis: cold ? 'cold' : 'calibrated',
    items: sumBy([...counts.values()], ({ items }) => items),
    reusedItems: sumBy([...counts.values()], ({ reusedItems }) => reusedItems),
    ...whole,
    costNanoUsd: plus(whole.costNanoUsd, overheadCost),
    steps,
    classes: [...classes.values()].sort(byCost),
    overhead: { share: shareOf(overhead.calls, whole.calls), costNanoUsd: overheadCost },
    reuseSavings: savingsOf(saved, calibrations),
  };
}

/** To six digits: the order in which shares were added is not to be seen. */
function shareOf(extra: Band, calls: number): Band {
  const share = times(extra, 1 / Math.max(1, calls));
  return { p50: Number(share.p50.toFixed(6)), p90: Number(share.p90.toFixed(6)) };
}

function savingsOf(
  saved: Map<string, Map<string, Cell>>,
  calibrations: ReadonlyMap<string, Calibration>,
): Estimate['reuseSavings'] {
  const sums = { ...NOTHING };
  for (const [step, cells] of saved) {
    const figures = figuresOf(calibrations.get(step), callsIn(cells));
    for (const cell of cells.values()) addTo(sums, partOf(cell, figures));
  }
  return { calls: sums.calls, costNanoUsd: sums.costNanoUsd };
}

/** How the calls of one step turn out in this run. */
interface Figures {
  basis: StepEstimate['basis'];
  samples: number;
  /** By what the cold p50 of the output is multiplied; absent where the cold band itself counts. */
  ratio?: Band;
  /** Share of the input that comes from the provider's cache, in the middle; at the dear end nothing does. */
  cached: number;
  extra: Band;
}

function figuresOf(calibration: Calibration | undefined, calls: number): Figures {
  if (!isCalibrated(calibration)) return { basis: 'cold', samples: 0, cached: 0, extra: COLD_OVERHEAD };
  const extra = extraCallShare(calibration.runs);
  return {
    basis: 'calibrated',
    samples: calibration.count,
    ratio: ratioBand(calibration, calls),
    cached: cachedShare(calibration.runs),
    extra: { p50: extra, p90: extra },
  };
}

/**
 * The band of a sum of cold calls is the sum of their bands: outputs of one run err together (same model,
 * same prompts), and nothing is known that says how far they even out.
 */
function partOf(cell: Cell, { ratio, cached }: Figures) {
  const { output, outputCost } = cell;
  const tokens = ratio === undefined ? output : times(ratio, output.p50);
  const cost = ratio === undefined ? outputCost : times(ratio, outputCost.p50);
  const most = { tokens: cell.maxOutput, cost: cell.maxOutputCost };
  return {
    calls: cell.calls,
    inputTokens: cell.inputTokens,
    outputTokens: {
      p50: Math.round(Math.min(tokens.p50, most.tokens)),
      p90: Math.round(Math.min(tokens.p90, most.tokens)),
    },
    costNanoUsd: {
      p50: roundHalfUp(cell.plainInput - cached * cell.cacheDiscount + Math.min(cost.p50, most.cost)),
      p90: roundHalfUp(cell.dearestInput + Math.min(cost.p90, most.cost)),
    },
  };
}

const NOTHING = {
  calls: 0,
  inputTokens: 0,
  outputTokens: { p50: 0, p90: 0 },
  costNanoUsd: { p50: 0, p90: 0 },
};

type Part = typeof NOTHING;

function addTo(sums: Part, part: Part): void {
  sums.calls += part.calls;
  sums.inputTokens += part.inputTokens;
  sums.outputTokens = plus(sums.outputTokens, part.outputTokens);
  sums.costNanoUsd = plus(sums.costNanoUsd, part.costNanoUsd);
}

function emptyCell(): Cell {
  const band = { p50: 0, p90: 0 };
  const costs = { plainInput: 0, cacheDiscount: 0, dearestInput: 0, outputCost: band, maxOutputCost: 0 };
  return { calls: 0, inputTokens: 0, output: band, maxOutput: 0, ...costs };
}

function callsIn(cells: Map<string, Cell>): number {
  return sumBy([...cells.values()], ({ calls }) => calls);
}

function byCost(a: ClassEstimate, b: ClassEstimate): number {
  return b.costNanoUsd.p90 - a.costNanoUsd.p90 || (a.class < b.class ? -1 : 1);
}

function sumBy<T>(list: T[], pick: (one: T) => number): number {
  return list.reduce((sum, one) => sum + pick(one), 0);
}
