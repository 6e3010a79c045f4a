import type { DocumentationFacts } from '../../domain/project.ts';
import { plainCodeOf } from './sql/object.ts';
import { columnsToDescribe } from './write/reading.ts';

/** The words that the facts of an object hold: of the code, the names, the descriptions and the tests. */
export interface KnownWords {
  /** `word` in lower case, of letters, digits, `_` and `$`, beginning with a letter or `_`. */
  has(word: string): boolean;
}

const known = new WeakMap<DocumentationFacts, KnownWords>();

/**
 * Looks for each word in the texts: an answer names a dozen, while the texts hold thousands that nobody asks
 * for.
 */
export function knownWordsOf(facts: DocumentationFacts): KnownWords {
  const before = known.get(facts);
  if (before !== undefined) return before;
  const text = textsOf(facts).join('\n').toLowerCase();
  const columns = new Set(columnsToDescribe(facts).map((name) => name.toLowerCase()));
  const words = new Map<string, boolean>();
  const find = (word: string) =>
    // `__dbt__cte__x` in the code stands for the ephemeral model `x`.
    columns.has(word) || containsWord(text, word) || containsWord(text, `__dbt__cte__${word}`);
  const result = {
    has(word: string): boolean {
      const is = words.get(word) ?? find(word);
      words.set(word, is);
      return is;
    },
  };
  known.set(facts, result);
  return result;
}

function textsOf({ object, parents, children }: DocumentationFacts): string[] {
  return [
    plainCodeOf(object),
    object.rawCode,
    object.compiledCode ?? '',
    ...[object.name, object.uniqueId, object.packageName, object.path],
    ...[object.relation ?? '', object.description, object.materialized ?? '', object.adapterType],
    ...[...object.tags, ...object.tests, ...children],
    ...object.columns.flatMap(({ name, type, description, tests }) => [
      name,
      type ?? '',
      description,
      ...tests,
    ]),
    ...parents.flatMap((parent) => [parent.name, parent.uniqueId, parent.summary ?? '']),
    ...parents.flatMap((parent) => parent.columns.map((column) => column.name)),
  ];
}

/** True where the word stands in the text as a whole, and not only as a part of a longer one. */
function containsWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    if (!isInWord(text[at + word.length]) && beginsAt(text, at)) return true;
  }
  return false;
}

/** A word begins with a letter or `_`: digits and `$` before it belong to it only behind such a beginning. */
function beginsAt(text: string, at: number): boolean {
  for (let before = at - 1; isInWord(text[before]); before -= 1)
    if (/[\p{L}_]/u.test(text[before] ?? '')) return false;
  return true;
}

function isInWord(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}_$]/u.test(character);
}
