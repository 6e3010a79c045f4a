import type { Block, Company } from '../../domain/company.ts';
import { AppError, invalidInput } from '../../domain/errors.ts';
import type { PlannedItem } from '../kind.ts';
import type { FrozenInput, IntelligenceInput } from './input.ts';
import type { IntelligenceLibrary } from './library.ts';
import { type Blocks, parseBlocks, standardBlocks } from './read/blocks.ts';

/** An item is one block of one company, or one of the comparison: `COMPANY:BLOCK`, or `:BLOCK`. */
export interface ItemRef {
  /** Absent where both companies are compared. */
  company?: string;
  block: string;
}

export function readItemKey(key: string): ItemRef {
  const at = key.lastIndexOf(':');
  const company = key.slice(0, at);
  return { block: key.slice(at + 1), ...(company !== '' && { company }) };
}

/**
 * Fixes the blocks. @throws AppError `not_found` for a company that is not there, `invalid_input` for one
 * without sources and for blocks that are not there.
 */
export async function freezeInput(
  library: IntelligenceLibrary,
  org: string,
  input: IntelligenceInput,
): Promise<FrozenInput> {
  const { companyId, compareId } = input;
  for (const [field, id] of Object.entries({ companyId, compareId })) {
    if (id === undefined) continue;
    const company = await library.company(org, id);
    if (company === undefined) throw new AppError('not_found', `there is no company ${id}`);
    if ((await library.sources(org, id)).length === 0) {
      const problem = `"${company.name}" has no sources: add at least one document`;
      throw invalidInput(problem, [{ field, problem }]);
    }
  }
  const all = input.blocks === undefined ? standardBlocks() : parseBlocks(input.blocks);
  const { blocks, comparison } = chosen(all, input.only);
  return {
    companyId,
    ...(compareId !== undefined && { compareId }),
    blocks,
    comparison: compareId === undefined ? [] : comparison,
  };
}

/** With what they build on. */
function chosen({ blocks, comparison }: Blocks, only: string[] | undefined): Blocks {
  if (only === undefined) return { blocks, comparison };
  const byId = new Map([...blocks, ...comparison].map((block) => [block.id, block]));
  const unknown = only.find((id) => !byId.has(id));
  if (unknown !== undefined)
    throw invalidInput(`there is no block ${unknown}`, [
      { field: 'only', problem: `"${unknown}" is none of ${[...byId.keys()].join(', ')}` },
    ]);
  const wanted = new Set<string>();
  const want = (id: string): void => {
    if (wanted.has(id)) return;
    wanted.add(id);
    for (const before of byId.get(id)?.after ?? []) want(before);
  };
  only.forEach(want);
  const isWanted = ({ id }: Block) => wanted.has(id);
  return { blocks: blocks.filter(isWanted), comparison: comparison.filter(isWanted) };
}

/** Company by company, block by block; the comparison behind what it builds on. */
export async function planItems(
  library: IntelligenceLibrary,
  run: { org: string; input: FrozenInput },
): Promise<PlannedItem[]> {
  const { companyId, compareId, blocks, comparison } = run.input;
  const ids = compareId === undefined ? [companyId] : [companyId, compareId];
  const companies = await Promise.all(ids.map((id) => library.company(run.org, id)));
  const items: PlannedItem[] = [];
  const seqOf = new Map<string, number>();
  const add = (key: string, name: string, before: string[]) => {
    seqOf.set(key, items.length);
    const parents = before.flatMap((each) => seqOf.get(each) ?? []);
    items.push({ key, name, parents, maybeReused: true });
  };
  for (const company of companies.filter((each): each is Company => each !== undefined))
    for (const { id, title, after } of blocks) {
      const name = `${company.name}: ${title}`;
      add(
        `${company.id}:${id}`,
        name,
        after.map((each) => `${company.id}:${each}`),
      );
    }
  for (const { id, title, after } of comparison)
    add(
      `:${id}`,
      `Comparison: ${title}`,
      after.flatMap((each) => [...ids.map((company) => `${company}:${each}`), `:${each}`]),
    );
  return items;
}
