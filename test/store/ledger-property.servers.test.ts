import { ledgerProperty } from './ledger/property.ts';
import { type Ledgers, openLedgers } from './ledger/world.ts';

let ledgers: Ledgers;

beforeAll(async () => {
  ledgers = await openLedgers(process.env.BURSAR_TEST_MONGODB ?? '');
});
afterAll(() => ledgers.close());

test('whatever happens to money at the same time, no budget is passed and the books agree', async () => {
  await ledgerProperty(ledgers.stores, { runs: 8, shrink: false });
});
