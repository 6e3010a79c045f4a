import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface LogFile {
  path: string;
  write(line: string): void;
  close(): void;
}

const MAXIMUM_BYTES = 5 * 1024 * 1024;

/** `NAME.log` in the folder; set aside as `.1` when it is full, so at most 10 MiB stay on disk. */
export function createLogFile(folder: string, name: string): LogFile {
  const path = join(folder, `${name}.log`);
  mkdirSync(folder, { recursive: true });
  let size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  let open = true;
  return {
    path,
    write(line) {
      if (!open) return;
      try {
        if (size > MAXIMUM_BYTES) {
          renameSync(path, `${path}.1`);
          size = 0;
        }
        appendFileSync(path, `${line}\n`, { mode: 0o600 });
        size += line.length + 1;
      } catch {
        // A full disk must not take the program down because of its log.
      }
    },
    close() {
      open = false;
    },
  };
}
