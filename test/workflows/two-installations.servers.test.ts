import { setTimeout as sleep } from 'node:timers/promises';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { SHOP } from '../support/shop.ts';

/** Two of them with one namespace of Temporal: each has a database and a queue of its own. */
let both: [Bursar, Bursar];
beforeAll(async () => {
  const environment = { ENRICHMENT_POLL_INTERVAL_MS: '50' };
  both = await Promise.all([startBursar({ environment }), startBursar({ environment })]);
}, 90_000);
afterAll(() => Promise.all((both ?? []).map((bursar) => bursar.stop())));

async function stateAtTheEnd(bursar: Bursar, id: string): Promise<string> {
  for (let look = 0; look < 300; look += 1) {
    const { state } = await bursar.client.get<{ state: string }>(`/memories/${id}`);
    if (state === 'done' || state === 'failed') return state;
    await sleep(100);
  }
  return 'never';
}

test('the standing run of one does not take the place of the other’s', async () => {
  const states = both.map(async (bursar) => {
    const memory = { textContent: 'The parcel arrives on Monday', user: 'ada' };
    const { body } = await bursar.client.send<{ id: string }>('POST', '/memories', memory);
    return stateAtTheEnd(bursar, body.id);
  });
  expect(await Promise.all(states)).toEqual(['done', 'done']);
}, 60_000);

test('runs with the same Idempotency-Key are two runs', async () => {
  const ended = both.map(async (bursar) => {
    const { id: projectId } = await bursar.client.upload(SHOP);
    const request = { kind: 'documentation', input: { projectId, layers: ['summary'] } };
    const headers = { 'Idempotency-Key': 'nightly' };
    const { body } = await bursar.client.send<{ id: string }>('POST', '/runs', request, headers);
    const { state } = await bursar.client.untilEnded(body.id);
    return { id: body.id, state };
  });
  const [one, other] = await Promise.all(ended);
  expect([one?.state, other?.state]).toEqual(['completed', 'completed']);
  expect(one?.id).not.toBe(other?.id);
}, 90_000);
