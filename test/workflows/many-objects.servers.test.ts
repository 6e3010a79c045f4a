import { proveManyObjects } from '../proof/many-objects.ts';
import { startBursar } from '../support/bursar.ts';
import { openTemporal } from '../support/histories.ts';

test('900 objects: small histories without text, counters equal the items, 100 percent', async () => {
  const [bursar, temporal] = await Promise.all([startBursar(), openTemporal()]);
  try {
    const figures = await proveManyObjects(bursar, temporal.client, 900);
    expect(figures.executions).toBe(3);
    expect(figures.mostEvents).toBeLessThan(4_096);
    expect(figures.eventsPerObject).toBeLessThanOrEqual(6);
    // Nothing but ids and counts: a page of 400 objects with their parents is the longest there is.
    expect(figures.longestPayloadBytes).toBeLessThan(400 * 200);
  } finally {
    await Promise.all([bursar.stop(), temporal.close()]);
  }
}, 120_000);
