/** The queue of BullMQ, and in Bursar the queue that budgets may be for. */
export const QUEUE = process.env.QUEUE ?? 'mail';
export const redisUrl = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379';
