import { ledgerProperty, runProgram } from './ledger/property.ts';
import { GUARDS } from './ledger/without-guard.ts';
import { type Ledgers, openLedgers } from './ledger/world.ts';

/** Seconds on a quiet machine; what is random may take longer, and a busy machine too. */
const LIMIT_MS = 240_000;

let ledgers: Ledgers;

beforeEach(async () => {
  ledgers = await openLedgers(process.env.BURSAR_TEST_MONGODB ?? '');
});
afterEach(() => ledgers.close());

test(
  'whatever happens to money at the same time, no budget is passed and the books agree',
  async () => {
    expect(await ledgerProperty(ledgers.stores, { runs: 8 })).not.toHaveProperty('wrong');
  },
  LIMIT_MS,
);

for (const [name, { remove, program, wrong }] of Object.entries(GUARDS))
  test(
    `a ledger without one guard is caught: ${name}`,
    async () => {
      await runProgram(ledgers.stores, program);
      for (const store of ledgers.stores) remove(store);
      const tries = async () => {
        for (let turn = 0; turn < 300; turn += 1) await runProgram(ledgers.stores, program);
      };
      await expect(tries()).rejects.toThrow(wrong);
    },
    LIMIT_MS,
  );
