import type { ApiHold } from '../../api/hold-schemas.ts';
import { checkLedger } from '../api/ledger.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { claim, type Proof, withServers } from './proof.ts';

const RACERS = 64;
const AMOUNT_USD = 7;
const BUDGET_USD = 100;
const FIT = 14;

/** Racers for one budget, taking turns over the API processes. @returns the milliseconds of each answer. */
async function race(bursar: Bursar, team: string): Promise<number[]> {
  const budget = { name: team, scope: { team }, period: { type: 'monthly' }, amountUsd: BUDGET_USD };
  const { id } = await bursar.client.post<{ id: string }>('/budgets', budget);
  const answers = await Promise.all(
    Array.from({ length: RACERS }, async (_, at) => {
      const client = bursar.clients[at % bursar.clients.length] ?? bursar.client;
      const startedAt = performance.now();
      const request = { scope: { team }, amountUsd: AMOUNT_USD };
      const { status, body } = await client.send<ApiHold>('POST', '/holds', request);
      return { status, body, ms: performance.now() - startedAt };
    }),
  );
  const statuses = answers.map(({ status }) => status);
  const granted = answers.filter(({ status }) => status === 201);
  claim(`${team}: granted and refused`, [granted.length, count(statuses, 409)], [FIT, RACERS - FIT]);
  const current = async () =>
    (await bursar.client.get<{ current: { reservedUsd: number; leftUsd: number } }>(`/budgets/${id}`))
      .current;
  claim(`${team}: what is left`, (await current()).leftUsd, BUDGET_USD - FIT * AMOUNT_USD);
  for (const { body } of granted) await bursar.client.send('DELETE', `/holds/${body.id}`);
  claim(`${team}: nothing is held any more`, (await current()).reservedUsd, 0);
  return answers.map(({ ms }) => ms);
}

function count<T>(values: T[], wanted: T): number {
  return values.filter((value) => value === wanted).length;
}

/** Races over so many API processes, one after another, and the ledger is right after all of them. */
export async function proveHoldsRace(bursar: Bursar, repetitions: number) {
  const times: number[] = [];
  for (let at = 1; at <= repetitions; at += 1)
    times.push(...(await race(bursar, `race-${bursar.clients.length}-${at}`)));
  const { differences } = await checkLedger(bursar);
  claim('the ledger check finds nothing', differences, []);
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);
  return { apis: bursar.clients.length, races: repetitions, p50Ms: at(0.5), p99Ms: at(0.99) };
}

const REPETITIONS = 20;

export const holdsRace: Proof = {
  title:
    '64 requests of 7 at once on a budget of 100: exactly 14 are granted, over one API process and over two',
  prove: () =>
    withServers(async ({ temporalAddress, mongoUri }) => {
      const figures = [];
      for (const apis of [1, 2]) {
        const bursar = await startBursar({ temporalAddress, mongoUri, apis, workers: 0 });
        try {
          figures.push(await proveHoldsRace(bursar, REPETITIONS));
        } finally {
          await bursar.stop();
        }
      }
      return { races: figures };
    }),
};
