import type { IntelligenceFacts } from './facts.ts';
import { NOTHING_FOUND } from './prompts.ts';

const MOST_SENTENCES = 6;
const MOST_OF_ONE_SOURCE = 3;
const LEAST_CHARACTERS = 25;
const MOST_CHARACTERS = 400;

interface Found {
  label: string;
  sentence: string;
  /** How many of the words were found, each counted less the more often it stands everywhere. */
  score: number;
  at: number;
}

/**
 * Answers a block with the sentences of the sources in which the block's words stand, each with its citation;
 * the most telling ones, in the order of the sources. What the sources do not tell is said so.
 */
export function writeIntelligence(_step: string, given: unknown): string {
  const { block, sources } = given as IntelligenceFacts;
  const sentences = sources.flatMap(({ label, text }) =>
    sentencesOf(text).map((sentence, at) => ({ label, sentence, at, words: wordsOf(sentence) })),
  );
  const wanted = block.lookFor.map((word) => wordsOf(word));
  const weights = wanted.map((words) => {
    const count = sentences.filter((each) => holds(each.words, words)).length;
    return count === 0 ? 0 : Math.log(1 + sentences.length / count);
  });
  const found: Found[] = sentences.flatMap(({ words, ...each }) => {
    const score = wanted.reduce((sum, word, at) => sum + (holds(words, word) ? (weights[at] ?? 0) : 0), 0);
    // Numbers and names make a sentence worth more than a general one with the same words.
    const facts = /\d/.test(each.sentence) ? 1.25 : 1;
    return score === 0 ? [] : [{ ...each, score: score * facts }];
  });
  const chosen = choose(found);
  if (chosen.length === 0) return NOTHING_FOUND;
  const labels = sources.map(({ label }) => label);
  chosen.sort((a, b) => labels.indexOf(a.label) - labels.indexOf(b.label) || a.at - b.at);
  return chosen.map(({ sentence, label }) => `- ${sentence} [${label}]`).join('\n');
}

/** The best ones, none twice, and not all of one source. */
function choose(found: Found[]): Found[] {
  const perSource = new Map<string, number>();
  const seen = new Set<string>();
  const chosen: Found[] = [];
  for (const each of [...found].sort((a, b) => b.score - a.score || a.at - b.at)) {
    const count = perSource.get(each.label) ?? 0;
    const key = each.sentence.toLowerCase();
    if (count >= MOST_OF_ONE_SOURCE || seen.has(key)) continue;
    perSource.set(each.label, count + 1);
    seen.add(key);
    chosen.push(each);
    if (chosen.length === MOST_SENTENCES) break;
  }
  return chosen;
}

/** Sentences, headings and list items, without marks of Markdown and of citation. */
function sentencesOf(text: string): string[] {
  return text
    .split(/\n+|(?<=[.!?])\s+(?=[\p{Lu}\p{N}"“])/u)
    .map((part) =>
      part
        .replace(/^[\s#>*+-]+|\[[^\]]*\]|[*_`“”"„]/g, '')
        .replace(/\s+/g, ' ')
        .trim(),
    )
    .filter((part) => part.length >= LEAST_CHARACTERS && part.length <= MOST_CHARACTERS && /\s/.test(part));
}

function wordsOf(text: string): string[] {
  return (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).map(stem);
}

/** `hired` and `hiring`, `plan` and `plans` are the same word to who looks for it. */
function stem(word: string): string {
  return word.length <= 4 ? word : word.replace(/(?:ings?|ions?|ers?|ed|es|s|e)$/, '');
}

/** Whether the words stand there one after another. */
function holds(words: readonly string[], wanted: readonly string[]): boolean {
  return words.some((_, at) => wanted.every((word, index) => words[at + index] === word));
}
