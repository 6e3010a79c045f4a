import { toAppError } from '../../activities/failures.ts';
import { limitAnswers } from '../../store/answer-limit.ts';

const never = () => new Promise(() => {});

test('a call that is never answered ends as an outage instead of standing still for ever', async () => {
  const silent = { insertMany: never, find: () => ({ toArray: never }), findOne: never };
  limitAnswers(silent, 50);
  for (const call of [silent.insertMany, silent.findOne, silent.find().toArray]) {
    const thrown = await call().catch((error: unknown) => error);
    expect(toAppError(thrown).code).toBe('services_unavailable');
  }
});

test('answers and errors pass unchanged, and the methods keep their owner and arguments', async () => {
  const broken = new Error('E11000');
  const lively = {
    rows: [1, 2],
    async insertOne(row: number) {
      this.rows.push(row);
      return this.rows.length;
    },
    async updateOne(): Promise<never> {
      throw broken;
    },
    find(from: number) {
      return { rows: this.rows.slice(from), toArray: async () => this.rows.slice(from) };
    },
  };
  limitAnswers(lively, 50);
  expect(await lively.insertOne(3)).toBe(3);
  await expect(lively.updateOne()).rejects.toBe(broken);
  expect(await lively.find(1).toArray()).toEqual([2, 3]);
});
