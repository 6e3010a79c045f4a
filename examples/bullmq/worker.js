// A BullMQ worker that keeps to Bursar's budgets: it goes slower while one throttles, stops while one blocks,
// sets the worst case of each job aside before it, and reports what the job has really cost.
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue, RateLimitError, UnrecoverableError, Worker } from 'bullmq';
import { BursarError, createBudgetClient, createRateLimiter, errorCode, isPermanent } from 'bursar/client';
import { Redis } from 'ioredis';
import { QUEUE, redisUrl } from './queue.js';

const WORST_COST_USD = 0.02;
const JOBS_PER_SECOND = 20;
const WAIT_FOR_MONEY_MS = 3_000;

const client = createBudgetClient({
  url: process.env.BURSAR_URL ?? 'http://127.0.0.1:3000',
  apiKey: process.env.BURSAR_API_KEY ?? '',
});
const scope = { queue: QUEUE };
// A worker must not sit on a job while a budget blocks: it throws, and the job goes back.
const limiter = createRateLimiter({ client, scope, perSecond: JOBS_PER_SECOND, whenBlocked: 'throw' });

// BullMQ waits for Redis as long as it takes, and asks for a connection that does so too.
const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
const queue = new Queue(QUEUE, { connection });
const worker = new Worker(QUEUE, withinBudget, { connection, concurrency: 4 });

async function withinBudget(job) {
  try {
    const { type } = await limiter.take();
    // An attempt that is taken up again after a crash finds its own hold; a new attempt makes a new one.
    const idempotencyKey = `${QUEUE}:${job.id}:${job.attemptsMade}`;
    const hold = await client.hold({ scope, amountUsd: WORST_COST_USD, idempotencyKey });
    try {
      const costUsd = await callTheModel();
      // The same id is the same cost: however often this is sent, it counts once.
      await client.report(hold.id, { id: String(job.id), costUsd });
      return { costUsd, type };
    } finally {
      await client.release(hold.id);
    }
  } catch (error) {
    if (['budget_exceeded', 'circuit_open'].includes(errorCode(error))) {
      // No failure: nobody takes jobs of the queue for a while, and this one waits with them.
      console.log(`waiting for money: ${error.message}`);
      await queue.rateLimit(WAIT_FOR_MONEY_MS);
      throw new RateLimitError();
    }
    // A wrong key, a bad request: trying again is of no use. Anything else is for BullMQ's own retries.
    if (error instanceof BursarError && isPermanent(error)) throw new UnrecoverableError(error.message);
    throw error;
  }
}

/** Stands in for the real work. */
async function callTheModel() {
  await sleep(20);
  return 0.01;
}

worker.on('completed', (job, { costUsd, type }) => {
  console.log(`${new Date().toISOString()} job ${job.id} ${type} $${costUsd}`);
});
worker.on('failed', (job, error) => console.error(`job ${job?.id} failed: ${error.message}`));
worker.on('error', (error) => console.error(error.message));

for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, async () => {
    await worker.close();
    await queue.close();
    connection.disconnect();
  });
