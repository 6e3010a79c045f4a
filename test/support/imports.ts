import { dirname, join, normalize } from 'node:path';
import { parseSync } from '@swc/core';

export interface Import {
  /** As written. */
  from: string;
  typeOnly: boolean;
  /** Path from the root of the project, for relative imports. */
  path?: string;
  /** Its first folder, for relative imports. */
  room?: string;
}

const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

/** The imports and re-exports of a source file. */
export function importsOf(file: string, text: string): Import[] {
  const found: Import[] = [];
  for (const item of parseSync(text, { syntax: 'typescript', target: 'es2022' }).body) {
    if (item.type === 'ImportDeclaration') {
      const named = item.specifiers.map((each) => each.type === 'ImportSpecifier' && each.isTypeOnly);
      found.push(
        toImport(file, item.source.value, item.typeOnly || (named.length > 0 && named.every(Boolean))),
      );
    }
    if (item.type === 'ExportAllDeclaration') found.push(toImport(file, item.source.value, false));
    if (item.type === 'ExportNamedDeclaration' && item.source)
      found.push(toImport(file, item.source.value, (item as { typeOnly?: boolean }).typeOnly === true));
  }
  for (const [, from = ''] of text.matchAll(DYNAMIC)) found.push(toImport(file, from, false));
  return found;
}

function toImport(file: string, from: string, typeOnly: boolean): Import {
  if (!from.startsWith('.')) return { from, typeOnly };
  const path = normalize(join(dirname(file), from));
  return { from, typeOnly, path, room: path.split('/')[0] ?? '' };
}
