/**
 * A matrix as its columns, each as long as the target. Solved by Householder reflections rather than by the
 * normal equations, which square the condition of the problem.
 * Source: Golub, Van Loan: Matrix Computations, 4th edition, sections 5.1.3 and 5.3.2.
 */
export interface System {
  columns: number[][];
  target: number[];
}

/** Columns of unit length count as dependent where less than this of one is left beside the others. */
const DEPENDENT = 1e-10;

/**
 * A system with as many rows as columns (or fewer, where it had fewer) and the same solutions, whatever
 * bounds there are: what is cut away is the part of the target that no solution reaches. The columns come
 * out upper triangular.
 */
export function triangular({ columns, target }: System): System {
  const reduced = columns.map((column) => [...column]);
  const goal = [...target];
  const height = Math.min(columns.length, target.length);
  for (let step = 0; step < height; step++) {
    const mirror = mirrorOf(reduced[step]!, step);
    if (mirror === undefined) continue;
    for (const column of reduced.slice(step)) reflect(column, mirror, step);
    reflect(goal, mirror, step);
  }
  return { columns: reduced.map((column) => column.slice(0, height)), target: goal.slice(0, height) };
}

/**
 * The x with the least ‖Σ x·column − target‖, for columns of unit length; undefined where one of them depends
 * on those before it, so that there is more than one such x.
 */
export function leastSquares(system: System): number[] | undefined {
  const count = system.columns.length;
  const { columns, target } = triangular(system);
  if (target.length < count) return undefined;
  const solution = new Array<number>(count).fill(0);
  for (let row = count - 1; row >= 0; row--) {
    const pivot = columns[row]![row]!;
    if (Math.abs(pivot) < DEPENDENT) return undefined;
    let rest = target[row]!;
    for (let later = row + 1; later < count; later++) rest -= columns[later]![row]! * solution[later]!;
    solution[row] = rest / pivot;
  }
  return solution;
}

export function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index]! * b[index]!;
  return sum;
}

/** The direction in which to mirror so that the column ends at `from`; undefined where it does already. */
function mirrorOf(column: number[], from: number): number[] | undefined {
  const mirror = column.slice(from);
  const length = Math.sqrt(dot(mirror, mirror));
  if (length === 0) return undefined;
  // Away from zero, so that nothing cancels.
  mirror[0]! += mirror[0]! < 0 ? -length : length;
  const norm = Math.sqrt(dot(mirror, mirror));
  return mirror.map((value) => value / norm);
}

function reflect(column: number[], mirror: number[], from: number): void {
  let share = 0;
  for (let index = 0; index < mirror.length; index++) share += mirror[index]! * column[from + index]!;
  for (let index = 0; index < mirror.length; index++) column[from + index]! -= 2 * share * mirror[index]!;
}
