import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Runs before `npm run demo`, `npm start` and `npm test`, so that each works on a fresh clone: plain
// JavaScript without packages, because there may be none yet.
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const installed = join(root, 'node_modules/.package-lock.json');
const wanted = join(root, 'package-lock.json');

if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(wanted).mtimeMs) {
  process.stderr.write('Installing the packages (npm install) …\n');
  // Not `npm ci`: a registry that lacks the builds of tools for other systems leaves them out of the lock
  // file, which `ci` takes for a mistake. The versions are those of the lock file all the same, and nothing
  // is written to it.
  const install = spawnSync('npm', ['install', '--no-save', '--no-fund', '--no-audit'], {
    cwd: root,
    // Standard output belongs to the command that comes after.
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  process.exit(install.status ?? 1);
}
