import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type GuardedOptions, type ProcessExit, spawnGuarded } from '../../local/guarded.ts';
import { processExists, scratch, until } from './fake-programs.ts';
import { runParent } from './run-parent.ts';

const { folder, remove } = scratch();
afterAll(remove);

/** Starts a shell script under guard and collects its lines. */
async function guardScript(script: string, more: Partial<GuardedOptions> = {}) {
  const lines: string[] = [];
  const exits: ProcessExit[] = [];
  const guarded = await spawnGuarded({
    name: 'script',
    command: '/bin/sh',
    arguments: ['-c', script],
    output: { onLine: (line) => lines.push(line) },
    onUnexpectedExit: (exit) => exits.push(exit),
    ...more,
  });
  return { guarded, lines, exits };
}

/** The process id of the guard that started this process. */
function guardOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

describe('a guarded process', () => {
  test('gives its own process id, its lines and its exit code', async () => {
    const { guarded, lines, exits } = await guardScript('echo $$; echo bad >&2; printf "no end"; exit 7');
    expect(await guarded.exited).toEqual({ code: 7, signal: null });
    expect([...lines].sort()).toEqual([String(guarded.pid), 'bad', 'no end'].sort());
    expect(exits).toEqual([{ code: 7, signal: null }]);
  });

  test('that is killed is reported with its signal', async () => {
    const { guarded, exits } = await guardScript('sleep 60');
    process.kill(guarded.pid, 'SIGKILL');
    expect(await guarded.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect(exits).toHaveLength(1);
  });

  test('is asked to stop, and its end is then not unexpected', async () => {
    const script = 'trap "echo stopping; exit 3" TERM; echo ready; while :; do sleep 0.05; done';
    const { guarded, lines, exits } = await guardScript(script);
    await until('the script is ready', () => lines.includes('ready'));
    expect(await guarded.stop()).toEqual({ code: 3, signal: null });
    expect(await guarded.stop()).toEqual({ code: 3, signal: null });
    expect(lines).toContain('stopping');
    expect(exits).toEqual([]);
  });

  test('that does not listen is killed after the grace, with all that it started', async () => {
    const script = 'trap "" TERM; sleep 61 & echo $!; while :; do sleep 0.05; done';
    const { guarded, lines } = await guardScript(script, { stopGraceMs: 200 });
    await until('the script is ready', () => lines.length > 0);
    expect(await guarded.stop()).toEqual({ code: null, signal: 'SIGKILL' });
    await until('its child is gone', () => !processExists(Number(lines[0])));
  });

  test('takes what it started with it when it ends', async () => {
    const { guarded, lines } = await guardScript('sleep 62 & echo $!; exit 0');
    await guarded.exited;
    await until('its child is gone', () => !processExists(Number(lines[0])));
  });

  test('is in a process group of its own, so that Ctrl-C does not reach it', async () => {
    const { guarded } = await guardScript('sleep 60');
    const stat = readFileSync(`/proc/${guarded.pid}/stat`, 'utf8');
    expect(Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2])).toBe(guarded.pid);
    await guarded.stop();
  });

  test('keeps its arguments and environment out of the list of processes', async () => {
    const { guarded, lines } = await guardScript('echo $SECRET; exec sleep 60', {
      environment: { PATH: process.env.PATH, SECRET: 'word' },
    });
    await until('the script is ready', () => lines.includes('word'));
    expect(readFileSync(`/proc/${guardOf(guarded.pid)}/cmdline`, 'utf8')).not.toMatch(/word|SECRET/);
    expect(readFileSync(`/proc/${guardOf(guarded.pid)}/environ`, 'utf8')).not.toMatch(/word|SECRET/);
    await guarded.stop();
  });

  test('ends when its guard is killed', async () => {
    const { guarded, exits } = await guardScript('exec sleep 60');
    process.kill(guardOf(guarded.pid), 'SIGKILL');
    await until('it is gone', () => !processExists(guarded.pid));
    await until('it is reported', () => exits.length === 1);
  });

  test('that does not exist is an error with its name', async () => {
    await expect(guardScript('', { command: '/nowhere/program' })).rejects.toThrow(
      /script could not be started.*ENOENT/,
    );
  });

  test('writes to a log of bounded size', async () => {
    const logFile = join(folder('log'), 'script.log');
    writeFileSync(logFile, 'from an earlier run\n');
    const { guarded } = await guardScript(
      'for i in $(seq 1 400); do echo "line number $i"; sleep 0.001; done',
      {
        output: { logFile, maximumBytes: 2_000 },
      },
    );
    await guarded.exited;
    expect(readFileSync(logFile, 'utf8')).toMatch(/line number 400\n$/);
    expect(statSync(logFile).size).toBeLessThanOrEqual(2_000);
    expect(statSync(`${logFile}.1`).size).toBeLessThanOrEqual(2_000);
  });
});

describe('when the parent is killed', () => {
  test('the process ends within two seconds and the temporary folder goes', async () => {
    const place = folder('temporary');
    writeFileSync(join(place, 'data'), 'something');
    const { parent, said } = await runParent<{ pid: number }>('process', place);
    expect(processExists(said.pid)).toBe(true);
    parent.kill('SIGKILL');
    await until('the process is gone', () => !processExists(said.pid), 3_000);
    await until('the folder is gone', () => statSync(place, { throwIfNoEntry: false }) === undefined, 2_000);
  }, 15_000);
});
