import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A process that answers each task that it is sent with one message. */
export interface Forked<Task, Result> {
  ask(task: Task): Promise<Result>;
  end(): void;
}

/** Starts one of the bench's programs and waits until it is ready. */
export async function forked<Task extends object, Result>(
  program: string,
  args: string[] = [],
): Promise<Forked<Task, Result>> {
  const child = fork(join(import.meta.dirname, program), args, { execArgv: ['--import', 'tsx/esm'] });
  const answer = async () => {
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`${program} ended with ${code}`);
    });
    return (await Promise.race([once(child, 'message'), ended]))[0] as Result;
  };
  await answer();
  return {
    async ask(task) {
      const answered = answer();
      child.send(task);
      return answered;
    },
    end: () => child.disconnect(),
  };
}
