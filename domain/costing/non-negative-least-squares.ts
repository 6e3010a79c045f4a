import { dot, leastSquares, type System, triangular } from './least-squares.ts';

/** A column that would lower the error by less than this, relative to the target, stays out. */
const TOLERANCE = 1e-12;

/**
 * The x ≥ 0 with the least ‖Σ x·column − target‖: the algorithm NNLS of Lawson and Hanson. Columns are
 * brought to unit length first, so that their units make no difference; one that is zero throughout gets
 * 0, and of columns that depend on each other some get 0.
 * Source: Lawson, Hanson: Solving Least Squares Problems (1974; SIAM 1995), chapter 23, algorithm 23.10.
 */
export function nonNegativeLeastSquares({ columns, target }: System): number[] {
  const lengths = columns.map((column) => Math.sqrt(dot(column, column)));
  const used = [...columns.keys()].filter((index) => lengths[index]! > 0);
  const scaled = used.map((index) => columns[index]!.map((value) => value / lengths[index]!));
  const found = activeSet(triangular({ columns: scaled, target }));
  const solution = new Array<number>(columns.length).fill(0);
  for (const [at, index] of used.entries()) solution[index] = found[at]! / lengths[index]!;
  return solution;
}

/**
 * Lets one column after the other in, the one that promises most first, and takes out again whose part
 * would become negative. Every round that counts lowers the error, so it ends; the bound is for rounding
 * errors, and what is found until then is never negative.
 */
function activeSet(system: System): number[] {
  const count = system.columns.length;
  const tolerance = TOLERANCE * Math.sqrt(dot(system.target, system.target));
  let solution = new Array<number>(count).fill(0);
  let inside: number[] = [];
  const refused = new Set<number>();
  for (let round = 0; round < count * (count + 10); round++) {
    const outside = [...solution.keys()].filter((index) => !inside.includes(index) && !refused.has(index));
    const next = mostPromising(system, solution, outside, tolerance);
    if (next === undefined) break;
    const wanted = solvedOn(system, [...inside, next]);
    if (wanted === undefined || wanted[next]! <= 0) {
      // It depends on those inside, or only seemed to help: rounding errors.
      refused.add(next);
      continue;
    }
    [solution, inside] = feasible(system, solution, [...inside, next], wanted);
    refused.clear();
  }
  return solution;
}

function mostPromising(system: System, solution: number[], outside: number[], tolerance: number) {
  const residual = system.target.map((value, row) => {
    let rest = value;
    for (const [index, share] of solution.entries()) rest -= share * system.columns[index]![row]!;
    return rest;
  });
  let best: number | undefined;
  let most = tolerance;
  for (const index of outside) {
    const promise = dot(system.columns[index]!, residual);
    if (promise <= most) continue;
    best = index;
    most = promise;
  }
  return best;
}

/**
 * Goes from a solution towards the wanted one, leaving behind the columns that reach 0 on the way: at
 * least one in each pass, so there are no more passes than columns.
 */
function feasible(
  system: System,
  from: number[],
  columns: number[],
  first: number[],
): [solution: number[], inside: number[]] {
  let [solution, inside, wanted] = [from, columns, first];
  for (;;) {
    const falling = inside.filter((index) => wanted[index]! <= 0);
    if (falling.length === 0) return [wanted, inside];
    const shareOf = (index: number) =>
      solution[index]! > 0 ? solution[index]! / (solution[index]! - wanted[index]!) : 0;
    const share = Math.min(...falling.map(shareOf));
    const gone = new Set(falling.filter((index) => shareOf(index) <= share));
    const moved = solution.map((value, index) => value + share * (wanted[index]! - value));
    solution = moved.map((value, index) => (gone.has(index) ? 0 : Math.max(0, value)));
    inside = inside.filter((index) => !gone.has(index));
    const next = solvedOn(system, inside);
    if (next === undefined) return [solution, inside];
    wanted = next;
  }
}

/** The unbounded solution over some of the columns, 0 for the others. */
function solvedOn(system: System, inside: number[]): number[] | undefined {
  const columns = inside.map((index) => system.columns[index]!);
  const found = leastSquares({ columns, target: system.target });
  if (found === undefined) return undefined;
  const solution = new Array<number>(system.columns.length).fill(0);
  for (const [at, index] of inside.entries()) solution[index] = found[at]!;
  return solution;
}
