// node add-jobs.js 240
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { QUEUE, redisUrl } from './queue.js';

const count = Number(process.argv[2] ?? 240);
const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
const queue = new Queue(QUEUE, { connection });
const options = { attempts: 3, backoff: { type: 'exponential', delay: 1_000 } };
await queue.addBulk(
  Array.from({ length: count }, (_, number) => ({ name: 'letter', data: { number }, opts: options })),
);
console.log(`${count} jobs added to ${QUEUE}`);
await queue.close();
connection.disconnect();
