import fc from 'fast-check';
import type { Store } from '../../../store/index.ts';
import { carryOut } from './carry-out.ts';
import { type Command, program } from './commands.ts';
import { checkBooks, look, settleAll, watched } from './invariants.ts';
import { newWorld } from './world.ts';

/**
 * Random programs over budgets of every sort, by several stores at once, with the counters looked at all the
 * while and the books checked after each step.
 * @throws Error with the smallest program found that breaks an invariant, and its seed.
 */
export async function ledgerProperty(
  stores: Store[],
  options: { runs: number; seed?: number; shrink: boolean },
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(program, (groups) => runProgram(stores, groups)),
    {
      numRuns: options.runs,
      endOnFailure: !options.shrink,
      ...(options.seed !== undefined && { seed: options.seed }),
    },
  );
}

async function runProgram(stores: Store[], groups: Command[][]): Promise<void> {
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
