import type { Warnings } from './warnings.ts';

const BLOCK = /\{%-?\s*docs\s+([\w-]+)\s*-?%\}([\s\S]*?)\{%-?\s*enddocs\s*-?%\}/g;
const CALL =
  /\{\{-?\s*doc\(\s*(?:'([^']+)'|"([^"]+)")\s*(?:,\s*(?:'([^']+)'|"([^"]+)")\s*)?,?\s*\)\s*-?\}\}/g;

/** The `{% docs name %}` blocks of a Markdown file, by name. */
export function readDocBlocks(markdown: string): Map<string, string> {
  return new Map([...markdown.matchAll(BLOCK)].map((match) => [match[1] ?? '', (match[2] ?? '').trim()]));
}

/**
 * Fills `{{ doc("name") }}` in descriptions from the blocks; a name without a block stays as written, with a
 * warning.
 */
export function createDescriptions(blocks: Map<string, string>, warnings: Warnings) {
  return (description: string): string =>
    description
      .replace(CALL, (call, first1, first2, second1, second2) => {
        const name: string = second1 ?? second2 ?? first1 ?? first2;
        const block = blocks.get(name);
        if (block === undefined) warnings.add(`There is no {% docs ${name} %} for doc("${name}").`);
        return block ?? call;
      })
      .trim();
}

/** What turns a written description into its text. */
export type Describe = ReturnType<typeof createDescriptions>;
