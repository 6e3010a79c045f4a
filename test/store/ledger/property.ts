import fc from 'fast-check';
import type { Store } from '../../../store/index.ts';
import { carryOut } from './carry-out.ts';
import { type Command, program } from './commands.ts';
import { checkBooks, look, settleAll, watched } from './invariants.ts';
import { newWorld } from './world.ts';

export interface PropertyOptions {
  runs: number;
  seed?: number;
  /** Looks for the smallest program that fails; else ends with the first. */
  shrink?: boolean;
}

/**
 * Random programs over budgets of every sort, by several stores at once, with the counters looked at all the
 * while and the books checked after each step.
 * @returns how many programs were run, and what was wrong with the last one, with the seed.
 */
export async function ledgerProperty(
  stores: Store[],
  { runs, seed, shrink = false }: PropertyOptions,
): Promise<{ programs: number; commands: number; wrong?: string }> {
  let commands = 0;
  const property = fc.asyncProperty(program, (groups) => {
    commands += groups.flat().length;
    return runProgram(stores, groups);
  });
  const result = await fc.check(property, {
    numRuns: runs,
    endOnFailure: !shrink,
    ...(seed !== undefined && { seed }),
  });
  const facts = { programs: result.numRuns, commands };
  return result.failed
    ? { ...facts, wrong: (await fc.asyncDefaultReportMessage(result)) ?? 'it failed' }
    : facts;
}

/** @throws Error that says what was wrong after one of the steps. */
export async function runProgram(stores: Store[], groups: Command[][]): Promise<void> {
  const world = await newWorld(stores);
  const stopIfWrong = () => {
    if (world.wrong.length > 0) throw new Error([...new Set(world.wrong)].slice(0, 5).join('\n'));
  };
  for (const group of groups) {
    await watched(world, Promise.all(group.map((command) => carryOut(world, command))));
    await look(world);
    await checkBooks(world);
    stopIfWrong();
  }
  await settleAll(world);
  stopIfWrong();
}
