import fc from 'fast-check';
import { dot, leastSquares, type System } from '../../../domain/costing/least-squares.ts';
import { nonNegativeLeastSquares } from '../../../domain/costing/non-negative-least-squares.ts';

const numbersOf = (text: string) => text.trim().split(' ').map(Number);
/** A matrix as people write it, row by row. */
function systemOf(matrix: string, target: string): System {
  const rows = matrix.split(';').map(numbersOf);
  return { columns: rows[0]!.map((_, at) => rows.map((row) => row[at]!)), target: numbersOf(target) };
}
const solved = (matrix: string, target: string) => nonNegativeLeastSquares(systemOf(matrix, target));
const close = (found: number[], wanted: number[], digits = 10) => {
  expect(found).toHaveLength(wanted.length);
  for (const [at, value] of wanted.entries()) expect(found[at]).toBeCloseTo(value, digits);
};
const lengthOf = (vector: number[]) => Math.sqrt(dot(vector, vector));
const residualOf = ({ columns, target }: System, solution: number[]) =>
  target.map((value, row) => value - solution.reduce((sum, x, at) => sum + x * columns[at]![row]!, 0));

describe('against vectors worked out by hand', () => {
  test('the plain solution where none of it is negative', () => {
    // 2x = 2, 3y = 6
    close(solved('2 0; 0 3', '2 6'), [1, 2]);
    // x = 1 and x = 3 and x = 5: the mean
    close(solved('1; 1; 1', '1 3 5'), [3]);
    // A line through (0, 1), (1, 3), (2, 5): 1 + 2t
    close(solved('1 0; 1 1; 1 2', '1 3 5'), [1, 2]);
  });

  test('zero where the plain solution is negative', () => {
    close(solved('1 0; 0 1', '-1 2'), [0, 2]);
    close(solved('1; 1', '-1 -3'), [0]);
    // A line through (0, 1), (1, 1), (2, -2) falls: 1.5 − 1.5t. Without a slope the mean, 0, remains.
    close(solved('1 0; 1 1; 1 2', '1 1 -2'), [0, 0]);
    // (0, 3), (1, 2), (2, 1): 3 − t. Without a slope the mean, 2.
    close(solved('1 0; 1 1; 1 2', '3 2 1'), [2, 0]);
  });

  test('not the plain solution cut off: the others make up for it', () => {
    // x + y = 2 and y = 3: x = −1. Cut off that would leave y = 3; y alone is best at (2 + 3) ÷ 2.
    close(solved('1 1; 0 1', '2 3'), [0, 2.5]);
  });

  test('the example of the manual of lsqnonneg', () => {
    const rows = '0.0372 0.2869; 0.6861 0.7071; 0.6233 0.6245; 0.6344 0.6170';
    // y alone: Σ column × target ÷ Σ column² = 0.9375 ÷ 1.3530
    close(solved(rows, '0.8587 0.1781 0.0747 0.8405'), [0, 0.6929], 4);
  });

  test('a column that enters first and has to leave again', () => {
    // (1, 1, 0.2) is steepest for (1, 1, 0), yet (1, 0, 0) and (0, 1, 0) reach the target without it.
    close(solved('1 1 0; 1 0 1; 0.2 0 0', '1 1 0'), [0, 1, 1]);
  });
});

describe('columns that say nothing', () => {
  test('get zero: one of zeros, and all of them for a target of zeros', () => {
    close(solved('0 1; 0 2', '3 6'), [0, 3]);
    close(solved('1 2; 3 4', '0 0'), [0, 0]);
    expect(nonNegativeLeastSquares({ columns: [], target: [] })).toEqual([]);
  });

  test('or nothing of their own, do not break the fit', () => {
    const twice = solved('1 2; 2 4; 3 6', '2 4 6');
    expect(twice[0]! + 2 * twice[1]!).toBeCloseTo(2, 10);
    const sum = solved('1 0 1; 0 1 1; 1 1 2', '3 4 7');
    close([sum[0]! + sum[2]!, sum[1]! + sum[2]!], [3, 4]);
  });

  test('have no plain solution, which is said', () => {
    expect(leastSquares(systemOf('1 1; 0 0', '1 1'))).toBeUndefined();
    expect(leastSquares(systemOf('1 0', '1'))).toBeUndefined();
  });
});

test('units make no difference: a column in millionths gets a million times the weight', () => {
  const { columns, target } = systemOf('1 5 1; 2 3 1; 4 1 1; 7 7 1', '9 8 9 20');
  const units = [1e-6, 1e9, 1];
  const scaled = columns.map((column, at) => column.map((value) => value * units[at]!));
  const found = nonNegativeLeastSquares({ columns: scaled, target });
  const plain = nonNegativeLeastSquares({ columns, target });
  expect(plain.every((weight) => weight > 0)).toBe(true);
  close(
    found.map((weight, at) => weight * units[at]!),
    plain,
  );
});

const vectorOf = (length: number, value: fc.Arbitrary<number>) =>
  fc.array(value, { minLength: length, maxLength: length });
const system = fc
  .record({
    rows: fc.integer({ min: 1, max: 12 }),
    count: fc.integer({ min: 1, max: 7 }),
    // Of a small range columns often depend on each other.
    most: fc.constantFrom(1, 2, 20),
  })
  .chain(({ rows, count, most }) => {
    const vector = vectorOf(rows, fc.integer({ min: -most, max: most }));
    return fc.record({ columns: fc.array(vector, { minLength: count, maxLength: count }), target: vector });
  });

test('every solution meets the conditions of Karush, Kuhn and Tucker, so that none is better', () => {
  fc.assert(
    fc.property(system, (given) => {
      const solution = nonNegativeLeastSquares(given);
      const residual = residualOf(given, solution);
      const wrong = given.columns.filter((column, at) => {
        const slack = 1e-8 * (1 + lengthOf(column) * lengthOf(given.target));
        const gradient = dot(column, residual);
        // Nothing negative; nothing to gain by more of a column, nor, where there is some of it, by less.
        return !(solution[at]! >= 0) || gradient > slack || (solution[at]! > 0 && gradient < -slack);
      });
      expect(wrong).toEqual([]);
    }),
    { numRuns: 3_000 },
  );
});

test('non-negative weights are found again from exact products, whatever their sizes', () => {
  const weight = fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1, noNaN: true }));
  const random = fc.double({ min: 0, max: 1000, noNaN: true });
  const rows = fc.array(fc.tuple(random, random, random), { minLength: 12, maxLength: 30 });
  fc.assert(
    fc.property(rows, fc.tuple(weight, weight, weight), (random, weights) => {
      // Columns that are all but the same are taken for dependent, and one of them is left out: here each
      // has a row of its own.
      const used = [...random, [1000, 0, 0], [0, 1000, 0], [0, 0, 1000]];
      const columns = weights.map((_, at) => used.map((row) => row[at]!));
      const target = used.map((row) => dot(row, weights));
      const left = residualOf({ columns, target }, nonNegativeLeastSquares({ columns, target }));
      expect(lengthOf(left)).toBeLessThanOrEqual(1e-9 * (1 + lengthOf(target)));
    }),
  );
});
