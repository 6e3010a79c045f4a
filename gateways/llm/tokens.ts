import { createRequire } from 'node:module';
import type { CountTokens } from '../../domain/llm.ts';
import { readModelName } from '../../domain/model-name.ts';

type Encoding = 'o200k_base' | 'cl100k_base';

interface Tokenizer {
  countTokens(text: string, options: { allowedSpecial: Set<string>; disallowedSpecial: Set<string> }): number;
}

/**
 * OpenAI's models by tokenizer. A name that is in neither list has bytes for an upper bound: a model of
 * another vendor, one behind an OpenAI-compatible base URL, or one that is newer than these lists, whose
 * tokenizer nobody here has seen.
 */
const O200K = /^(ft:)?(gpt-4o|gpt-4\.1|gpt-4\.5|gpt-5|chatgpt-4o|gpt-oss|codex-mini|o[134](-|$))/;
const CL100K = /^(ft:)?(gpt-3\.5|gpt-4(-|$)|text-embedding-|(babbage|davinci)-002)/;

/**
 * Cached counts of whole texts: enough for the prompts of some hundred items under way, bounded so that
 * memory stays flat.
 */
const TEXTS: CacheLimit = { entries: 5_000, characters: 16_000_000 };

/**
 * Cached counts of lines: an object's code, columns and parents come back in each of its prompts, in the
 * estimate and in the run, and most lines of a project stand in more than one place.
 */
const LINES: CacheLimit = { entries: 100_000, characters: 8_000_000 };

/**
 * Between two lines no token of these encodings spans the break, for what ends a line ends a token too: but
 * for blank lines, which go with the break before them, and for a slash at the beginning, which punctuation
 * before the break may take along.
 */
const BETWEEN_LINES = /(?<=\n)(?!\/)(?=[^\S\r\n]*\S)/;

/**
 * The tokenizer's time grows with the square of an unbroken run (16,000 letters: 150 ms), so longer runs
 * are cut.
 */
const LONG = 1000;
const LONG_RUN = /(\S{1000}|\s{1000})/u;

/** Text that looks like a special token is only text: prompts hold what users wrote. */
const AS_PLAIN_TEXT = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };

const require = createRequire(import.meta.url);

/**
 * Counts tokens with the model's own tokenizer where it is known (OpenAI's published ones: o200k, cl100k),
 * else UTF-8 bytes, which no byte-level tokenizer exceeds. `offline/MODEL` counts as MODEL. Pure text: what
 * a provider adds per message (3–4 tokens) and for a JSON schema is not in it. Measured: 5–10 MB/s for text
 * not seen before; loading an encoding takes 65–190 ms, on its first use.
 */
export function createTokenCounter(): CountTokens {
  const counters = new Map<Encoding, (text: string) => number>();

  return (model, text) => {
    const encoding = encodingOf(model);
    if (encoding === undefined) return Buffer.byteLength(text, 'utf8');
    let count = counters.get(encoding);
    if (count === undefined) {
      count = createCounter(encoding);
      counters.set(encoding, count);
    }
    return count(text);
  };
}

function encodingOf(modelName: string): Encoding | undefined {
  const name = readModelName(modelName);
  if (name === undefined || (name.provider !== 'openai' && name.provider !== 'offline')) return undefined;
  if (O200K.test(name.model)) return 'o200k_base';
  return CL100K.test(name.model) ? 'cl100k_base' : undefined;
}

/** Loads the encoding synchronously, because a count is needed in the middle of pure calculations. */
function createCounter(encoding: Encoding): (text: string) => number {
  const tokenizer = require(`gpt-tokenizer/encoding/${encoding}`) as Tokenizer;
  const countLine = createCache(LINES, (line) => {
    let tokens = 0;
    const pieces = line.length < LONG ? [line] : line.split(LONG_RUN);
    for (const piece of pieces) tokens += tokenizer.countTokens(piece, AS_PLAIN_TEXT);
    return tokens;
  });
  return createCache(TEXTS, (text) => {
    let tokens = 0;
    for (const line of text.split(BETWEEN_LINES)) tokens += countLine(line);
    return tokens;
  });
}

interface CacheLimit {
  entries: number;
  characters: number;
}

/**
 * The least recently used counts go first, by number and by length: a Map keeps the order of insertion. What
 * is kept are copies: a line that was cut out of a text would keep the whole text in memory.
 */
function createCache(limit: CacheLimit, count: (text: string) => number): (text: string) => number {
  const counts = new Map<string, { key: string; tokens: number }>();
  let characters = 0;

  function keep(entry: { key: string; tokens: number }): void {
    counts.set(entry.key, entry);
    characters += entry.key.length;
    for (const oldest of counts.keys()) {
      if (counts.size <= limit.entries && characters <= limit.characters) break;
      counts.delete(oldest);
      characters -= oldest.length;
    }
  }

  return (text) => {
    const known = counts.get(text);
    if (known !== undefined) {
      counts.delete(text);
      counts.set(known.key, known);
      return known.tokens;
    }
    const tokens = count(text);
    const key = Buffer.from(text, 'utf8').toString('utf8');
    // Half a surrogate pair has no UTF-8: such a text is counted anew each time.
    if (key === text) keep({ key, tokens });
    return tokens;
  };
}
