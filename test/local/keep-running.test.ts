import { type ProcessExit, spawnGuarded } from '../../local/guarded.ts';
import { keepRunning } from '../../local/keep-running.ts';
import type { RunningServer } from '../../local/server-process.ts';
import { processExists, until } from './fake-programs.ts';

interface Kept {
  restarting: boolean[];
  problems: string[];
  starts: number;
}

/** Keeps a shell script running and counts what happens to it. */
async function keep(respawn: boolean, script: (start: number) => string) {
  const seen: Kept = { restarting: [], problems: [], starts: 0 };
  const start = async (onExit: (exit: ProcessExit) => void): Promise<RunningServer> => {
    seen.starts += 1;
    const command = script(seen.starts);
    if (command === 'cannot start') throw new Error('cannot start');
    const guarded = await spawnGuarded({
      name: 'script',
      command: '/bin/sh',
      arguments: ['-c', command],
      output: { onLine: () => {} },
      onUnexpectedExit: onExit,
    });
    return { pid: guarded.pid, stop: () => guarded.stop().then(() => {}) };
  };
  const kept = await keepRunning(start, {
    respawn,
    onExit: (_exit, restarting) => seen.restarting.push(restarting),
    onPid: () => {},
    onProblem: (error) => seen.problems.push(String(error)),
  });
  return { kept, seen };
}

describe('a server that dies', () => {
  test('is started again, with another process id', async () => {
    const { kept, seen } = await keep(true, () => 'exec sleep 60');
    const first = kept.pid ?? 0;
    process.kill(first, 'SIGKILL');
    await until('it runs again', () => kept.pid !== undefined && kept.pid !== first);
    expect(seen.restarting).toEqual([true]);
    const second = kept.pid ?? 0;
    await kept.stop();
    expect(processExists(second)).toBe(false);
    expect(seen.starts).toBe(2);
  });

  test('is not started again when nobody asked for it', async () => {
    const { kept, seen } = await keep(false, () => 'exit 1');
    await until('its end is told', () => seen.restarting.length === 1);
    expect(seen).toMatchObject({ restarting: [false], starts: 1 });
    expect(kept.pid).toBeUndefined();
  });

  test('is given up after five restarts within a minute', async () => {
    const { kept, seen } = await keep(true, () => 'exit 1');
    await until('it is given up', () => seen.restarting.includes(false), 8_000);
    expect(seen).toMatchObject({ restarting: [true, true, true, true, true, false], starts: 6 });
    await kept.stop();
  }, 15_000);

  test('is tried again when a restart fails', async () => {
    const scripts = ['exit 1', 'cannot start', 'exec sleep 60'];
    const { kept, seen } = await keep(true, (start) => scripts[start - 1] ?? '');
    await until('it runs', () => seen.starts === 3 && kept.pid !== undefined);
    expect(seen.problems).toEqual(['Error: cannot start']);
    await kept.stop();
  });

  test('stays down when it is stopped during the wait for its restart', async () => {
    const { kept, seen } = await keep(true, () => 'exit 1');
    await until('it died', () => seen.restarting.length === 1);
    await kept.stop();
    expect(seen.starts).toBe(1);
    expect(kept.pid).toBeUndefined();
  });
});
