import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lockHolder, tryLock, waitForLock } from '../../local/lock.ts';
import { identityOf, isAlive } from '../../local/process-identity.ts';
import { scratch } from './fake-programs.ts';

const { folder, remove } = scratch();
afterAll(remove);

/** A lock file of a process that has ended. */
function leaveDeadLock(file: string): number {
  const { pid } = spawnSync('true');
  const owner = { pid, startedAt: 'long ago' };
  writeFileSync(file, JSON.stringify({ owner, since: '2020-01-01', token: 'dead', children: [] }));
  return pid;
}

describe('a lock file', () => {
  test('is held by one owner at a time and names it', () => {
    const file = join(folder('held'), 'lock');
    const first = tryLock(file);
    const second = tryLock(file);
    expect(first.taken).toBe(true);
    expect(second).toMatchObject({ taken: false, holder: { owner: { pid: process.pid } } });
    if (first.taken) first.lock.release();
    expect(tryLock(file).taken).toBe(true);
  });

  test('of a dead owner is taken over, and says who that was', () => {
    const file = join(folder('dead'), 'lock');
    const pid = leaveDeadLock(file);
    expect(lockHolder(file)).toBeUndefined();
    expect(tryLock(file)).toMatchObject({ taken: true, previous: { owner: { pid } } });
  });

  test('of an owner whose process id was given to another process is taken over', () => {
    const file = join(folder('reused'), 'lock');
    const owner = { pid: process.pid, startedAt: 'by an earlier process of this id' };
    writeFileSync(file, JSON.stringify({ owner, since: '', token: 'old', children: [] }));
    expect(tryLock(file).taken).toBe(true);
  });

  test('that is no lock at all is replaced', () => {
    const file = join(folder('garbage'), 'lock');
    writeFileSync(file, '{"own');
    expect(tryLock(file).taken).toBe(true);
  });

  test('is not given up for another owner who has it meanwhile', () => {
    const file = join(folder('lost'), 'lock');
    const attempt = tryLock(file);
    const other = JSON.stringify({
      owner: identityOf(process.ppid),
      since: '',
      token: 'other',
      children: [],
    });
    writeFileSync(file, other);
    if (attempt.taken) {
      attempt.lock.release();
      attempt.lock.recordChildren([process.pid]);
    }
    expect(readFileSync(file, 'utf8')).toBe(other);
  });

  test('lets the second wait until the first is done, and tells once for whom it waits', async () => {
    const file = join(folder('wait'), 'lock');
    const first = tryLock(file);
    const waits: number[] = [];
    const order: string[] = [];
    const second = waitForLock(file, { onWait: ({ owner }) => waits.push(owner.pid) }).then((lock) => {
      order.push('second has it');
      lock.release();
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    order.push('first is done');
    if (first.taken) first.lock.release();
    await second;
    expect(order).toEqual(['first is done', 'second has it']);
    expect(waits).toEqual([process.pid]);
  });

  test('stops waiting when it is told to', async () => {
    const file = join(folder('abort'), 'lock');
    tryLock(file);
    const signal = AbortSignal.timeout(50);
    await expect(waitForLock(file, { signal })).rejects.toThrow();
  });

  test('keeps the processes of its owner and leaves no other file behind', () => {
    const place = folder('children');
    const attempt = tryLock(join(place, 'lock'));
    if (attempt.taken) attempt.lock.recordChildren([process.ppid]);
    expect(lockHolder(join(place, 'lock'))?.children).toEqual([identityOf(process.ppid)]);
    expect(readdirSync(place)).toEqual(['lock']);
  });
});

test('a process is told apart from a later one of the same id', () => {
  const me = identityOf(process.pid);
  expect(me).toMatchObject({ pid: process.pid });
  expect(me !== undefined && isAlive(me)).toBe(true);
  expect(isAlive({ pid: process.pid, startedAt: 'another time' })).toBe(false);
  expect(identityOf(spawnSync('true').pid)).toBeUndefined();
});
