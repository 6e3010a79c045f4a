import { parseSync } from '@swc/core';

interface Node {
  type?: string;
  span?: { start: number; end: number };
  identifier?: { value?: string };
  key?: { value?: string };
  [key: string]: unknown;
}

const FUNCTIONS = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassMethod',
  'PrivateMethod',
  'MethodProperty',
  'Constructor',
]);

/**
 * The functions of a source text with their lengths in lines. A factory that only holds smaller functions is
 * measured without them: what counts is how much a reader has to follow at once.
 */
export function functionLengths(text: string): { name: string; lines: number }[] {
  const bytes = Buffer.from(text);
  const program = parseSync(text, { syntax: 'typescript', target: 'es2022' }) as unknown as Node;
  // swc counts bytes over all files it has parsed in this process; the program does not start at a comment.
  const offset = (program.span?.end ?? 0) - Buffer.from(text.trimEnd()).length;
  const found: { name: string; lines: number }[] = [];

  function visit(value: unknown): number {
    if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + visit(each), 0);
    if (value === null || typeof value !== 'object') return 0;
    const node = value as Node;
    const inner = Object.values(node).reduce<number>((sum, each) => sum + visit(each), 0);
    if (node.type === undefined || !FUNCTIONS.has(node.type) || node.span === undefined) return inner;
    const source = bytes.subarray(node.span.start - offset, node.span.end - offset).toString();
    const lines = source.split('\n').length;
    const name = node.identifier?.value ?? node.key?.value ?? 'a function';
    found.push({ name, lines: lines - inner });
    return lines;
  }
  visit(program.body as unknown);
  return found;
}
