import type { CitedSource } from './facts.ts';
import { NOTHING_FOUND } from './prompts.ts';

const LEAST_CHARACTERS = 20;
/** A quotation shorter than this is a word with emphasis. */
const LEAST_QUOTED_WORDS = 3;
/** `Dr.`, `Inc.`, `U.S.`, `approx.`: what ends so goes on. */
const ABBREVIATED = /(?:\b\p{Lu}\p{L}{0,3}|\b(?:e\.g|i\.e|approx|vs|no))\.$/u;
const LIST_ITEM = /^(?:[-*+]|\d+\.)\s/;
const SENTENCES = new Intl.Segmenter('en', { granularity: 'sentence' });
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
  const claims = claimsOf(answer);
  if (claims.length === 0) problems.push('it says nothing beside headings');
  for (const claim of claims) {
    const labels = [...claim.matchAll(CITATION)].map(([, label = '']) => label);
    if (labels.length === 0) problems.push(`"${shorten(claim)}" cites no source`);
    for (const quotation of quotationsIn(claim))
      if (labels.length > 0 && !labels.some((label) => byLabel.get(label)?.includes(normal(quotation))))
        problems.push(`"${shorten(quotation)}" does not stand in ${labels.join(' or ')}`);
  }
  return problems.slice(0, 5);
}

/**
 * List items, and the sentences of paragraphs. A heading claims nothing, nor does a line that introduces the
 * list after it.
 */
function claimsOf(answer: string): string[] {
  const parts = answer
    .replace(/^\s*#+\s.*$/gm, '\n')
    .split(/\n(?=\s*(?:[-*+]|\d+\.)\s)|\n\s*\n/)
    .map((part) => part.trim())
    .filter((part) => part !== '' && part !== NOTHING_FOUND);
  return parts.flatMap((part, at) => {
    if (LIST_ITEM.test(part)) return [part];
    const introduces = part.endsWith(':') && LIST_ITEM.test(parts[at + 1] ?? '');
    return introduces ? sentencesOf(part).slice(0, -1) : sentencesOf(part);
  });
}

/** A citation belongs to the sentence before it, on which side of its full stop it may stand. */
function sentencesOf(paragraph: string): string[] {
  const citedInside = paragraph.replace(/([.!?]+)((?:\s*\[(?:[AB]:)?S\d+\])+)/g, '$2$1');
  const sentences: string[] = [];
  let open = '';
  for (const { segment } of SENTENCES.segment(citedInside)) {
    open += segment;
    if (ABBREVIATED.test(open.trim())) continue;
    sentences.push(open.trim());
    open = '';
  }
  const last = sentences.length - 1;
  if (open.trim() !== '') sentences.splice(Math.max(0, last), 1, `${sentences[last] ?? ''} ${open}`.trim());
  return sentences.filter((sentence) => sentence !== NOTHING_FOUND);
}

function quotationsIn(claim: string): string[] {
  return [...claim.matchAll(/[“"„«]([^“”"„«»]+)[”"“»]/g)]
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
