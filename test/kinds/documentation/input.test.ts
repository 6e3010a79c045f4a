import { AppError } from '../../../domain/errors.ts';
import { parseDocumentationInput } from '../../../kinds/documentation/input.ts';

function problemOf(value: unknown): AppError {
  try {
    parseDocumentationInput(value);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('the input was accepted');
}

describe('the input of a documentation run', () => {
  test('names a project, and objects or a selection', () => {
    for (const input of [
      { projectId: 'p' },
      { projectId: 'p', objectIds: ['model.p.a'], layers: ['summary'] },
      { projectId: 'p', select: ['+a', 'tag:daily'] },
    ])
      expect(parseDocumentationInput(input)).toEqual(input);
  });

  test.each([
    ['projectId', {}],
    ['projectId', { projectId: '' }],
    ['projectId', { projectId: 7 }],
    ['objectIds', { projectId: 'p', objectIds: [] }],
    ['objectIds.1', { projectId: 'p', objectIds: ['a', ''] }],
    ['objectIds', { projectId: 'p', objectIds: Array(10_001).fill('a') }],
    ['select', { projectId: 'p', select: 'a' }],
    ['select', { projectId: 'p', select: ['a'], objectIds: ['b'] }],
    ['layers', { projectId: 'p', layers: [] }],
    ['layers.0', { projectId: 'p', layers: ['poem'] }],
    ['layer', { projectId: 'p', layer: ['summary'] }],
  ])('is refused with the field %s named', (field, input) => {
    const error = problemOf(input);
    expect(error.code).toBe('invalid_input');
    expect(error.details.map((detail) => detail.field)).toContain(field);
    expect(error.publicMessage).toContain(field);
  });

  test('is refused where it is no object at all', () => {
    for (const value of [undefined, null, 'p', []])
      expect(problemOf(value).publicMessage).toMatch(/expected object/i);
  });
});
