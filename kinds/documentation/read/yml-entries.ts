import type { Warnings } from './warnings.ts';
import type { YmlFile, YmlNode } from './yml.ts';

/** A yml entry, the file that holds it, and the version it is met as where the model is versioned. */
export interface Described {
  entry: YmlNode;
  path: string;
  version?: string;
}

/** Yml entries by resource and file name without extension; a versioned model has one for each version. */
export function entriesByName(files: YmlFile[], warnings: Warnings): Map<string, Described> {
  const entries = new Map<string, Described>();
  const add = (key: string, described: Described) => {
    const earlier = entries.get(key);
    if (earlier === undefined) entries.set(key, described);
    else warnings.add(`${described.path} describes ${described.entry.name} again; ${earlier.path} is used.`);
  };
  for (const file of files) {
    for (const resource of ['models', 'seeds', 'snapshots'] as const) {
      for (const entry of file[resource]) {
        for (const { v, defined_in } of entry.versions ?? []) {
          add(`${resource}/${defined_in ?? `${entry.name}_v${v}`}`, { entry, path: file.path, version: v });
        }
        if (!entry.versions?.length) add(`${resource}/${entry.name}`, { entry, path: file.path });
      }
    }
  }
  return entries;
}

/** The version that a ref without one means. */
export function latestVersion(entry: YmlNode | undefined): string | undefined {
  if (entry?.latest_version) return entry.latest_version;
  const versions = entry?.versions?.map((version) => version.v) ?? [];
  return versions.sort((a, b) => Number(a) - Number(b) || (a < b ? -1 : 1)).at(-1);
}
