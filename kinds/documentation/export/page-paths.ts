import type { DocumentedObject } from '../../../domain/project.ts';

/**
 * The page of each documented object by unique id: `models/<name>.md`. Names stay apart without regard to
 * case, for file systems that have none; where several objects share one, the package and the version are put
 * before and behind it.
 */
export function pagePaths(documented: DocumentedObject[]): Map<string, string> {
  const objects = documented.map((each) => each.object).sort((a, b) => (a.uniqueId < b.uniqueId ? -1 : 1));
  const counts = new Map<string, number>();
  for (const { name } of objects) counts.set(fold(name), (counts.get(fold(name)) ?? 0) + 1);
  const isAlone = (name: string) => counts.get(fold(name)) === 1;
  const used = new Set<string>();
  const paths = new Map<string, string>();
  for (const { name, uniqueId } of [
    ...objects.filter((each) => isAlone(each.name)),
    ...objects.filter((each) => !isAlone(each.name)),
  ]) {
    const wanted = isAlone(name)
      ? fileName(name)
      : fileName(uniqueId.split('.').slice(1).join('.') || uniqueId);
    let free = wanted;
    for (let number = 2; used.has(free.toLowerCase()); number += 1) free = `${wanted}-${number}`;
    used.add(free.toLowerCase());
    paths.set(uniqueId, `models/${free}.md`);
  }
  return paths;
}

function fold(name: string): string {
  return fileName(name).toLowerCase();
}

/** A file's name that every system takes and that needs no escaping in a link. */
function fileName(name: string): string {
  const safe =
    name
      .replace(/[^A-Za-z0-9_.-]+/g, '-')
      .replace(/^[-.]+|[-.]+$/g, '')
      .slice(0, 100) || 'model';
  return /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(safe) ? `_${safe}` : safe;
}
