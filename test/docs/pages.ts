import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** The rooms of the code: what lies beside them, e.g. an export into this folder, is not ours. */
export const ROOMS = [
  ...[
    'activities',
    'api',
    'bin',
    'cli',
    'config',
    'docs',
    'domain',
    'examples',
    'gateways',
    'kinds',
    'local',
  ],
  ...['store', 'test', 'worker', 'workflows'],
];

/** Paths of all Markdown pages of the repository, relative to its root. */
export function pages(): string[] {
  return [...readdirSync(ROOT), ...ROOMS.flatMap(filesIn)].filter((path) => path.endsWith('.md')).sort();
}

/**
 * Paths of all files of a room, relative to the root; not of what is installed for an example, where a link
 * leads back here.
 */
function filesIn(room: string): string[] {
  return readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter((path) => !path.includes('node_modules'));
}

/** The text of a file of the repository. */
export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

export function isThere(path: string): boolean {
  return existsSync(join(ROOT, path));
}

/** The cells of each table row whose first cell is one word in backticks, without the backticks. */
export function codeRows(text: string): string[][] {
  return text.split('\n').flatMap((line) => {
    if (!/^\| `[^`]+` +\|/.test(line)) return [];
    const cells = line.split(/(?<!\\)\|/).slice(1, -1);
    return [cells.map((cell, at) => (at === 0 ? cell.trim().slice(1, -1) : cell.trim()))];
  });
}
