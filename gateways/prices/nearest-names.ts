import { readModelName } from '../../domain/model-name.ts';

const LIMIT = 3;

/** Up to three good ones of the candidates, whose models are spelt most like the wanted one, best first. */
export function nearestNames(
  wanted: string,
  candidates: string[],
  isGood: (candidate: string) => boolean,
): string[] {
  const model = readModelName(wanted)?.model ?? wanted;
  const sorted = [...new Set(candidates)]
    .map((candidate) => ({ candidate, distance: distance(model, modelOf(candidate)) }))
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1));
  const good: string[] = [];
  for (const { candidate } of sorted) {
    if (good.length === LIMIT) break;
    if (isGood(candidate)) good.push(candidate);
  }
  return good;
}

function modelOf(name: string): string {
  return name.slice(name.indexOf('/') + 1);
}

/** How many letters must be changed, added or removed (Levenshtein), upper and lower case being the same. */
function distance(from: string, to: string): number {
  const a = from.toLowerCase();
  const b = to.toLowerCase();
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
