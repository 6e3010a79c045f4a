import type { CitedSource } from './facts.ts';
import { NOTHING_FOUND } from './prompts.ts';

const LEAST_CHARACTERS = 20;
/** A quotation shorter than this is a word with emphasis. */
const LEAST_QUOTED_WORDS = 3;
const CITATION = /\[((?:[AB]:)?S\d+)\]/g;

/** What is wrong with an answer, in words; nothing where it is accepted. */
export function checkAnswer(text: string, sources: readonly CitedSource[]): string[] {
  const answer = text.trim();
  if (answer === NOTHING_FOUND) return [];
  if (answer.length < LEAST_CHARACTERS) return ['it is too short'];
  const byLabel = new Map(sources.map((source) => [source.label, normal(source.text)]));
  const unknown = [...answer.matchAll(CITATION)]
    .map(([, label = '']) => label)
    .filter((each) => !byLabel.has(each));
  const problems = unknown.length === 0 ? [] : [`there is no source ${[...new Set(unknown)].join(', ')}`];
  for (const claim of claimsOf(answer)) {
    const labels = [...claim.matchAll(CITATION)].map(([, label = '']) => label);
    if (labels.length === 0) problems.push(`"${shorten(claim)}" cites no source`);
    for (const quotation of quotationsIn(claim))
      if (labels.length > 0 && !labels.some((label) => byLabel.get(label)?.includes(normal(quotation))))
        problems.push(`"${shorten(quotation)}" does not stand in ${labels.join(' or ')}`);
  }
  return problems.slice(0, 5);
}

/** Paragraphs and list items; a line that only introduces a list claims nothing. */
function claimsOf(answer: string): string[] {
  return answer
    .split(/\n(?=\s*(?:[-*+]|\d+\.)\s)|\n\s*\n/)
    .map((part) => part.trim())
    .filter((part) => part !== '' && part !== NOTHING_FOUND && !/:$/.test(part) && !/^#+\s/.test(part));
}

function quotationsIn(claim: string): string[] {
  return [...claim.matchAll(/[“"„]([^“”"„]+)[”"“]/g)]
    .map(([, text = '']) => text.trim())
    .filter((text) => text.split(/\s+/).length >= LEAST_QUOTED_WORDS);
}

/** Line breaks, typographic marks and case do not make another text. */
function normal(text: string): string {
  return text
    .toLowerCase()
    .replace(/[‘’]/g, "'")
    .replace(/[–—]/g, '-')
    .replace(/[\s.…]+/g, ' ')
    .trim();
}

function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}
