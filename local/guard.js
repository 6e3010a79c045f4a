/**
 * The guard stands between Bursar and one process that it starts, and shares the fate of both: when the
 * process ends, the guard tells its parent and ends with the same code; when the parent goes away, however
 * it died (the message channel closes then), the guard ends the process within `orphanGraceMs`. It is plain
 * JavaScript without any dependency, so that it starts in 40 ms and works without a loader.
 *
 * From the parent: {type: 'start', ...} once, {type: 'stop', graceMs}. To the parent: started, failed,
 * exited.
 */
import { spawn } from 'node:child_process';
import {
  closeSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';

const MARKER = /^\.guard-(\d+)$/;
const CLOSE_WAIT_MS = 300;

let child;
let order;
let ended = false;
let orphaned = false;

process.on('message', (message) => {
  if (message.type === 'start' && order === undefined) start(message);
  if (message.type === 'stop') stop(message.graceMs);
});
process.on('disconnect', () => {
  orphaned = true;
  if (child === undefined || ended) finish(0);
  else stop(order.orphanGraceMs);
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => (child === undefined ? finish(0) : stop(order.orphanGraceMs)));
}

function start(message) {
  order = message;
  process.title = `bursar-guard ${order.name}`;
  if (order.temporaryFolder !== undefined) writeFileSync(marker(process.pid), '');
  const output = order.logFile === undefined ? 'inherit' : 'pipe';
  child = spawn(order.command, order.arguments, {
    cwd: order.directory,
    env: order.environment,
    stdio: ['ignore', output, output],
    detached: true,
  });
  child.on('spawn', () => tell({ type: 'started', pid: child.pid }));
  child.on('error', (error) => {
    if (child.pid === undefined) tell({ type: 'failed', message: error.message }, () => finish(127));
  });
  if (order.logFile !== undefined) keepLog(order.logFile, order.logBytes);
  child.on('exit', onExit);
}

function onExit(code, signal) {
  ended = true;
  // Whatever the process started itself goes with it.
  signalGroup('SIGKILL');
  const last = () => {
    tell({ type: 'exited', code, signal }, () => finish(code ?? 128 + (constants.signals[signal] ?? 0)));
  };
  // The last lines of the output may still be in the pipe.
  if (order.logFile === undefined) last();
  else {
    let told = false;
    const once = () => {
      if (!told) last();
      told = true;
    };
    child.on('close', once);
    setTimeout(once, CLOSE_WAIT_MS);
  }
}

function stop(graceMs) {
  if (child?.pid === undefined || ended) return;
  try {
    process.kill(child.pid, 'SIGTERM');
  } catch {
    // It has just ended; its exit event follows.
  }
  setTimeout(() => signalGroup('SIGKILL'), graceMs);
}

function signalGroup(signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Nobody is left in the group.
  }
}

function tell(message, then = () => {}) {
  if (!process.connected) then();
  else process.send(message, () => then());
}

function finish(code) {
  if (order?.temporaryFolder !== undefined) leaveTemporaryFolder();
  process.exit(code);
}

function marker(pid) {
  return join(order.temporaryFolder, `.guard-${pid}`);
}

/** The last guard of a parent that crashed removes the folder; a parent that lives does so itself. */
function leaveTemporaryFolder() {
  rmSync(marker(process.pid), { force: true });
  if (!orphaned) return;
  try {
    const others = readdirSync(order.temporaryFolder).map((name) => MARKER.exec(name)?.[1]);
    if (others.some((pid) => pid !== undefined && isAlive(Number(pid)))) return;
    rmSync(order.temporaryFolder, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // Another guard was quicker.
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * Appends the output to the file, which is set aside as `.1` when it is full: at most twice `limit` bytes
 * on disk.
 */
function keepLog(file, limit) {
  let descriptor = openSync(file, 'a');
  let size = statSync(file).size;
  const write = (chunk) => {
    try {
      if (size + chunk.length > limit && size > 0) {
        closeSync(descriptor);
        renameSync(file, `${file}.1`);
        descriptor = openSync(file, 'a');
        size = 0;
      }
      size += writeSync(descriptor, chunk);
    } catch {
      // A full disk must not take the server down because of its log.
    }
  };
  child.stdout.on('data', write);
  child.stderr.on('data', write);
}
