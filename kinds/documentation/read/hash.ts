import { createHash } from 'node:crypto';
import type { Column, ProjectObject } from '../../../domain/project.ts';

/**
 * The object with its hash: SHA-256, in hex, over code, columns, tests and descriptions. Line endings,
 * white space at the ends of lines and of the text, and the order of columns and tests make no difference.
 */
export function withHash(object: Omit<ProjectObject, 'hash'>): ProjectObject {
  const seen = [
    normaliseCode(object.rawCode),
    object.compiledCode === undefined ? null : normaliseCode(object.compiledCode),
    normaliseCode(object.description),
    [...object.tests].sort(),
    object.columns.map(columnParts).sort(),
  ];
  return { ...object, hash: createHash('sha256').update(JSON.stringify(seen)).digest('hex') };
}

function columnParts(column: Column): string {
  const { name, type, description, tests, declared } = column;
  return JSON.stringify([name, type ?? null, normaliseCode(description), [...tests].sort(), declared]);
}

/**
 * Text without what editors and systems change on their own: line endings, spaces at line ends, blank ends.
 */
export function normaliseCode(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trim();
}
