import type { Block, Company, Source } from '../../domain/company.ts';

/** A source as prompts and citations know it. */
export interface CitedSource {
  /** `S1`; where two companies are compared `A:S1` and `B:S1`. */
  label: string;
  title: string;
  text: string;
}

/** An answer that another block builds on. */
interface EarlierAnswer {
  title: string;
  text: string;
}

/** Everything that a block is answered from. */
export interface IntelligenceFacts {
  block: Block;
  /** What it is about, for the faults of the offline provider too. */
  name: string;
  companies: Pick<Company, 'name' | 'description' | 'website'>[];
  sources: CitedSource[];
  earlier: EarlierAnswer[];
}

/** What a model reads of all sources together; about 20,000 tokens. */
const MAX_CHARACTERS = 80_000;

/** Each source gets its share of the room; what short ones leave goes to the long ones. */
export function withinLimit(sources: readonly CitedSource[]): CitedSource[] {
  let room = MAX_CHARACTERS;
  let left = sources.length;
  const byLength = [...sources].sort((a, b) => a.text.length - b.text.length);
  const shares = new Map<string, number>();
  for (const { label, text } of byLength) {
    const share = Math.min(text.length, Math.floor(room / Math.max(1, left)));
    shares.set(label, share);
    room -= share;
    left -= 1;
  }
  return sources.map((source) => {
    const share = shares.get(source.label) ?? 0;
    return share >= source.text.length
      ? source
      : { ...source, text: `${source.text.slice(0, share)}\n[the rest is left out]` };
  });
}

/** The sources of one company, or of two beside each other. */
export function citedSources(of: Source[][]): CitedSource[] {
  const [first = [], second] = of;
  const named = (sources: Source[], prefix: string) =>
    sources.map(({ label, title, text }) => ({ label: `${prefix}${label}`, title, text }));
  return second === undefined ? named(first, '') : [...named(first, 'A:'), ...named(second, 'B:')];
}
