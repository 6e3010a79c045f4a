import { connectMongo } from '../../config/connections.ts';
import { DEFAULT_LABELS } from '../../domain/default-labels.ts';
import { fromUsd, toUsd, worstCostOf } from '../../domain/money.ts';
import { createTokenCounter } from '../../gateways/llm/tokens.ts';
import { createPriceList } from '../../gateways/prices/price-list.ts';
import { prepareMemory } from '../../kinds/enrichment/prepare.ts';
import { promptTokens } from '../../kinds/estimate.ts';
import { createStore, type Store } from '../../store/index.ts';
import { readSentences, type Sentence } from '../kinds/enrichment/banking.ts';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { sharedData } from '../support/shared-path.ts';
import { claim, type Proof, withServers } from './proof.ts';

const DAY_MS = 86_400_000;
const MODEL = 'offline/gpt-5-mini';

interface MemoriesOptions {
  memories: number;
  users: number;
  /** How many of them the daily limits of all users afford together. */
  affordable: number;
}

interface Shown {
  id: string;
  user: string;
  textContent: string;
  state: string;
  reason: string | null;
}

/** Starts Bursar on one database, so far ahead of the clock; the same one again for the next day. */
type Start = (offsetMs: number) => Promise<Bursar>;

/**
 * Many memories of some users with a daily limit each: exactly those are enriched that the limits afford, the
 * others wait for the next day, none is done twice, and the ledger adds up to what the day has cost.
 */
export async function proveMemories(start: Start, sentences: Sentence[], options: MemoriesOptions) {
  const { memories, users, affordable } = options;
  let bursar = await start(0);
  const connection = await connectMongo(bursar.environment.MONGODB_URI ?? '');
  const store = createStore(connection);
  try {
    const limits = await setLimits(bursar, sentences, options);
    await post(bursar, sentences, options);
    await untilQueueHas(bursar, memories, ['pending', 'processing']);
    const first = await shownOf(bursar, memories);
    const done = first.filter(({ state }) => state === 'done');
    const waiting = first.filter(({ state }) => state === 'deferred');
    claim('every memory is enriched or deferred', done.length + waiting.length, memories);
    const reasons = [...new Set(waiting.map(({ reason }) => reason))];
    claim('deferred for the limit of their user', reasons, ['per_user_limit']);
    await claimExact(bursar, store, waiting, limits.perUserUsd);
    claim(
      'about as many are enriched as was meant to be',
      [done.length, Math.abs(done.length - affordable) <= affordable / 4],
      [done.length, true],
    );
    await claimSums(bursar, store);
    await bursar.stop();
    bursar = await start(DAY_MS);
    // Temporal's timers keep the time of the real day: a new memory lets the run look at what is due.
    await add(bursar, 'The first memory of the second day', 'user0', 'second day');
    const total = memories + 1;
    await untilQueueHas(bursar, total, ['pending', 'processing', 'deferred']);
    const second = await shownOf(bursar, total);
    const all = second.filter(({ state }) => state === 'done').length;
    claim('all are enriched after the day has turned', all, total);
    claim('each was classified once and embedded once', await operations(store), {
      classification: total,
      embedding: total,
    });
    await store.fold();
    claim('doctor finds no difference', (await store.checkLedger('default')).differences, []);
    return { memories, users, doneOnTheFirstDay: done.length, deferred: waiting.length, ...limits };
  } finally {
    await bursar.stop();
    await connection.close();
  }
}

/** What a memory may cost at most, as its calls are set aside. */
async function worstOf(text: string): Promise<number> {
  const countTokens = createTokenCounter();
  const price = await createPriceList().priceOf(MODEL, new Date());
  if (price === undefined) throw new Error(`${MODEL} has no price`);
  const memory = {
    id: 'm',
    user: 'u',
    text,
    type: 't',
    hash: 'h',
    state: 'pending',
    createdAt: new Date(),
  } as const;
  const library = {
    memory: async () => memory,
    enrichedTwin: async () => undefined,
    labelSet: async () => DEFAULT_LABELS,
    models: async () => ({ classification: MODEL, embedding: MODEL }),
    finish: async () => {},
  };
  const prepared = await prepareMemory(library, { id: 'r', org: 'o', input: {}, options: {} as never }, 'm');
  const [step] = prepared.steps;
  if (step === undefined || !('request' in step)) throw new Error('a memory begins with its classification');
  const request = step.request(new Map());
  const inputTokens = promptTokens({ countTokens }, request);
  return worstCostOf({ inputTokens, maxOutputTokens: request.maxOutputTokens }, price);
}

/**
 * No user has passed the limit, and none of the deferred memories could have been afforded with what is
 * left.
 */
async function claimExact(bursar: Bursar, store: Store, waiting: Shown[], perUserUsd: number): Promise<void> {
  await store.fold();
  const today = new Date().toISOString().slice(0, 10);
  const { days } = await bursar.client.get<{ days: { user?: string; total_cost: number }[] }>(
    `/costs/daily?start=${today}&end=${today}&groupBy=user`,
  );
  const limit = fromUsd(perUserUsd);
  let [passed, affordable] = [0, 0];
  for (const user of new Set(waiting.map((memory) => memory.user))) {
    const spent = fromUsd(days.find((day) => day.user === user)?.total_cost ?? 0);
    if (spent > limit) passed += 1;
    for (const { textContent } of waiting.filter((memory) => memory.user === user))
      if ((await worstOf(textContent)) <= limit - spent) affordable += 1;
  }
  claim('no user has passed the daily limit', passed, 0);
  claim('no deferred memory could have been afforded', affordable, 0);
}

/**
 * A limit for each user that affords their share, and a breaker that affords a third more than all of them.
 */
async function setLimits(bursar: Bursar, sentences: Sentence[], { users, affordable }: MemoriesOptions) {
  const id = await add(bursar, sentences[0]?.text ?? '', 'sample', 'sample');
  await untilQueueHas(bursar, 1, ['pending', 'processing']);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const { entries } = await bursar.client.get<{ entries: { costUsd: number }[] }>('/costs/entries');
  const eachUsd = entries.reduce((sum, { costUsd }) => sum + costUsd, 0);
  await bursar.client.send('DELETE', `/memories/${id}`);
  // The last one must fit with what its call may cost at most.
  const mostUsd = toUsd(await worstOf(sentences[0]?.text ?? ''));
  const perUserUsd = Number((eachUsd * (affordable / users - 0.8) + mostUsd).toFixed(9));
  const breakerUsd = Number((eachUsd * affordable * (800 / 600)).toFixed(9));
  await bursar.client.send('PUT', '/admin/settings', {
    perUserDailyLimitUsd: perUserUsd,
    dailyAiBudgetUsd: breakerUsd,
  });
  return { eachUsd, perUserUsd, breakerUsd };
}

async function add(bursar: Bursar, textContent: string, user: string, key: string): Promise<string> {
  const memory = { textContent, type: 'message', user };
  const headers = { 'idempotency-key': key };
  return (await bursar.client.send<{ id: string }>('POST', '/memories', memory, headers)).body.id;
}

async function post(
  bursar: Bursar,
  sentences: Sentence[],
  { memories, users }: MemoriesOptions,
): Promise<void> {
  for (let at = 0; at < memories; at += 20) {
    const some = Array.from({ length: Math.min(20, memories - at) }, (_, index) => at + index);
    const textOf = (number: number) => `${sentences[number % sentences.length]?.text} (${number})`;
    await Promise.all(
      some.map((number) => add(bursar, textOf(number), `user${number % users}`, `memory ${number}`)),
    );
  }
}

/** Until all memories are there and none is in one of the states. */
async function untilQueueHas(bursar: Bursar, count: number, none: string[]): Promise<void> {
  for (const deadline = Date.now() + 600_000; ; ) {
    const { queue } = await bursar.client.get<{ queue: Record<string, number> }>('/admin/enrichment-worker');
    const { total } = await bursar.client.get<{ total: number }>('/memories?limit=1');
    if (total >= count && none.every((state) => queue[state] === 0)) return;
    if (Date.now() > deadline) throw new Error(`after 10 minutes: ${JSON.stringify(queue)}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function shownOf(bursar: Bursar, count: number): Promise<Shown[]> {
  const all: Shown[] = [];
  while (all.length < count) {
    const page = await bursar.client.get<{ memories: Shown[] }>(`/memories?limit=100&skip=${all.length}`);
    if (page.memories.length === 0) break;
    all.push(...page.memories);
  }
  return all;
}

/** Calls by operation, but for those of the sample that the limits were made from. */
async function operations(store: Store): Promise<Record<string, number>> {
  const sums = await store.operationsSince('default', new Date(0));
  return Object.fromEntries(sums.map(({ operation, count }) => [operation, count - 1]));
}

async function claimSums(bursar: Bursar, store: Store): Promise<void> {
  await store.fold();
  const { dailySpend } = await bursar.client.get<{ dailySpend: { totalCents: number } }>(
    '/admin/ai-cost-tracking',
  );
  const { spentNanoUsd, differences } = await store.checkLedger('default');
  claim('the daily spend is the sum of the entries', Math.round(dailySpend.totalCents * 1e7), spentNanoUsd);
  claim('doctor finds no difference on the first day', differences, []);
}

export const memoriesProof: Proof = {
  title: '1,000 memories by 10 users with a daily limit for 600 and a breaker for 800',
  prove: () =>
    withServers(async ({ temporalAddress, mongoUri }) => {
      const path = sharedData('banking77_test.csv');
      if (path === undefined) throw new Error('../shared/data/banking77_test.csv is absent');
      const options = { memories: 1_000, users: 10, affordable: 600 };
      return proveMemories(starter({ temporalAddress, mongoUri }), readSentences(path), options);
    }),
};

/** The same database and queue at each start. */
export function starter(servers: { temporalAddress?: string; mongoUri?: string } = {}): Start {
  let name: string | undefined;
  return async (offsetMs) => {
    const environment = { ENRICHMENT_POLL_INTERVAL_MS: '20', BURSAR_CLOCK_OFFSET_MS: String(offsetMs) };
    const bursar = await startBursar({ ...servers, environment, ...(name !== undefined && { name }) });
    name = bursar.name;
    return bursar;
  };
}
