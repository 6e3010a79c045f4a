import { readFileSync } from 'node:fs';

/** A sentence of a bank's customer, and what it is about. */
export interface Sentence {
  text: string;
  label: string;
}

/** The sentences of banking77: two columns, the text in quotes where it holds a comma. */
export function readSentences(path: string): Sentence[] {
  const rows = [...readFileSync(path, 'utf8').matchAll(/^(?:"((?:[^"]|"")*)"|([^,\n]*)),([^,\n\r]+)\r?$/gm)];
  return rows
    .slice(1)
    .map(([, quoted, plain, label = '']) => ({ text: (quoted ?? plain ?? '').replaceAll('""', '"'), label }));
}

/** So many examples of each label, the others held out; another seed, another choice. */
export function split(sentences: readonly Sentence[], perLabel: number, seed: number) {
  const random = randomOf(seed);
  const byLabel = new Map<string, string[]>();
  for (const { text, label } of sentences) byLabel.set(label, [...(byLabel.get(label) ?? []), text]);
  const labels: { name: string; examples: string[] }[] = [];
  const heldOut: Sentence[] = [];
  for (const [name, texts] of byLabel) {
    const order = texts.map((text) => ({ text, at: random() })).sort((a, b) => a.at - b.at);
    labels.push({ name, examples: order.slice(0, perLabel).map(({ text }) => text) });
    heldOut.push(...order.slice(perLabel).map(({ text }) => ({ text, label: name })));
  }
  return { labels, heldOut };
}

/** The same numbers for the same seed (Park and Miller's generator). */
export function randomOf(seed: number): () => number {
  let state = seed % 2_147_483_647 || 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
