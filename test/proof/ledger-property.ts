import { ledgerProperty } from '../store/ledger/property.ts';
import { GUARDS } from '../store/ledger/without-guard.ts';
import { openLedgers } from '../store/ledger/world.ts';
import { claim, type Proof, withServers } from './proof.ts';

const PROGRAMS = 500;
/** Each guard must be missed within so many. */
const PROGRAMS_WITHOUT_GUARD = 200;

export const ledgerProof: Proof = {
  title: `${PROGRAMS} random programs over budgets and holds; the ledger without each of its guards`,
  prove: () =>
    withServers(async ({ mongoUri }) => {
      const whole = await openLedgers(mongoUri);
      const startedAt = performance.now();
      const figures = await ledgerProperty(whole.stores, { runs: PROGRAMS, shrink: true });
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      await whole.close();
      claim('no budget is passed and the books agree after each step', figures.wrong, undefined);
      return { ...figures, seconds, caughtAfterPrograms: await withoutGuards(mongoUri) };
    }),
};

async function withoutGuards(mongoUri: string): Promise<Record<string, number>> {
  const caught: Record<string, number> = {};
  for (const [name, { remove }] of Object.entries(GUARDS)) {
    const { stores, close } = await openLedgers(mongoUri);
    for (const store of stores) remove(store);
    const { programs, wrong } = await ledgerProperty(stores, { runs: PROGRAMS_WITHOUT_GUARD });
    await close();
    claim(`it is caught without the guard: ${name}`, wrong !== undefined, true);
    caught[name] = programs;
  }
  return caught;
}
