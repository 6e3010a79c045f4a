import { detailsOf, firstProblem } from '../../domain/issues.ts';

describe('what a schema found wrong', () => {
  test('is told with the path of the field', () => {
    const details = detailsOf([{ path: ['options', 'layers', 0], message: 'Too small' }]);
    expect(details).toEqual([{ field: 'options.layers.0', problem: 'Too small' }]);
    expect(firstProblem(details)).toBe('options.layers.0: Too small');
  });

  test('names each field that should not be there', () => {
    const details = detailsOf([{ path: ['options'], message: 'Unrecognized keys', keys: ['a', 'b'] }]);
    expect(details.map(({ field }) => field)).toEqual(['options.a', 'options.b']);
    expect(firstProblem(details)).toBe('options.a: is not a known field');
  });

  test('is told without a field where the whole is wrong, and is empty where nothing is', () => {
    expect(firstProblem(detailsOf([{ path: [], message: 'expected object' }]))).toBe('expected object');
    expect(firstProblem([])).toBe('');
  });
});
