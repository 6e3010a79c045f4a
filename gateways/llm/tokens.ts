import { createRequire } from 'node:module';
import type { CountTokens } from '../../domain/llm.ts';
import { readModelName } from './model-name.ts';

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
 * Cached counts: enough for the prompts of some hundred items under way, bounded so that memory stays flat.
 */
const MAX_CACHED_TEXTS = 5_000;
const MAX_CACHED_CHARACTERS = 16_000_000;

/**
 * The tokenizer's time grows with the square of an unbroken run (16,000 letters: 150 ms), so longer runs
 * are cut.
 */
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
      count = createCache(createCounter(encoding));
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
  return (text) => {
    let tokens = 0;
    for (const piece of text.split(LONG_RUN)) tokens += tokenizer.countTokens(piece, AS_PLAIN_TEXT);
    return tokens;
  };
}

/** The least recently used counts go first, by number and by length: a Map keeps the order of insertion. */
function createCache(count: (text: string) => number): (text: string) => number {
  const counts = new Map<string, number>();
  let characters = 0;

  return (text) => {
    const known = counts.get(text);
    const tokens = known ?? count(text);
    if (known === undefined) characters += text.length;
    else counts.delete(text);
    counts.set(text, tokens);
    for (const oldest of counts.keys()) {
      if (counts.size <= MAX_CACHED_TEXTS && characters <= MAX_CACHED_CHARACTERS) break;
      counts.delete(oldest);
      characters -= oldest.length;
    }
    return tokens;
  };
}
