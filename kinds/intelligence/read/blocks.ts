import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import type { Block } from '../../../domain/company.ts';
import { invalidInput } from '../../../domain/errors.ts';
import { detailsOf, firstProblem } from '../../../domain/issues.ts';

const MAX_BLOCKS = 40;

const block = z.strictObject({
  id: z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,19}$/, 'must be letters and digits, e.g. NB1'),
  title: z.string().trim().min(1).max(100),
  question: z.string().trim().min(10).max(1_000),
  lookFor: z.array(z.string().trim().min(2).max(50)).min(1).max(60),
  after: z.array(z.string()).max(MAX_BLOCKS).default([]),
  maxOutputTokens: z.number().int().min(100).max(8_000).default(900),
});

const file = z.strictObject({
  blocks: z.array(block).min(1).max(MAX_BLOCKS),
  comparison: z.array(block).max(MAX_BLOCKS).default([]),
});

/** The questions for each company, and those that two of them are compared by. */
export interface Blocks {
  blocks: Block[];
  comparison: Block[];
}

/**
 * Reads a file of blocks. A block builds only on blocks before it; one of the comparison on any of them.
 * @throws AppError `invalid_input` with the line, or the field, and what would be right.
 */
export function parseBlocks(text: string, name = 'blocks'): Blocks {
  const document = parseDocument(text, { prettyErrors: true });
  const [error] = document.errors;
  if (error !== undefined) {
    const line = error.linePos?.[0]?.line ?? 1;
    throw invalidInput(`${name} is not valid YAML: line ${line}`, [
      { field: `${name}:${line}`, problem: (error.message.split('\n')[0] ?? '').replace(/ at line.*$/, '') },
    ]);
  }
  const parsed = file.safeParse(document.toJS());
  if (!parsed.success) {
    const details = detailsOf(parsed.error.issues);
    throw invalidInput(`${name} is not valid: ${firstProblem(details)}`, details);
  }
  checkOrder(parsed.data, name);
  return parsed.data;
}

function checkOrder({ blocks, comparison }: Blocks, name: string): void {
  const before = new Set<string>();
  const inEach = new Set(blocks.map(({ id }) => id));
  for (const [list, known] of [
    [blocks, before],
    [comparison, new Set(inEach)],
  ] as const)
    for (const [index, { id, after }] of list.entries()) {
      const field = `${list === blocks ? 'blocks' : 'comparison'}.${index}`;
      const wrong = (at: string, problem: string) => {
        throw invalidInput(`${name} is not valid: ${field}.${at} ${problem}`, [
          { field: `${field}.${at}`, problem },
        ]);
      };
      if (known.has(id)) wrong('id', `"${id}" is there already`);
      const missing = after.find((each) => !known.has(each));
      if (missing !== undefined) wrong('after', `"${missing}" is no block before it`);
      known.add(id);
    }
}

let standard: Blocks | undefined;

/** The blocks that come with Bursar: `examples/intelligence/blocks.yaml`. */
export function standardBlocks(): Blocks {
  standard ??= parseBlocks(readFileSync(standardPath(), 'utf8'), 'examples/intelligence/blocks.yaml');
  return standard;
}

/** Three folders above in the sources, four above when compiled. */
function standardPath(): string {
  const paths = ['../../..', '../../../..'].map((up) =>
    join(import.meta.dirname, up, 'examples/intelligence/blocks.yaml'),
  );
  return paths.find((path) => existsSync(path)) ?? paths[0] ?? '';
}
