/** The length of the vectors that the offline provider makes where none is asked for. */
const OFFLINE_DIMENSIONS = 768;

/** Words that stand in every text and tell little of what it is about. */
const COMMON = new Set(
  [
    'a about after all am an and any are as at be been but by can did do does for from had has have he her',
    'how i if in is it its just me my no not of on or our she so some than that the their them then there',
    'they this to up was we were what when where which who why will with would you your',
  ].flatMap((line) => line.split(' ')),
);

const WORD_PAIR = 0.7;
const PIECE = 0.5;
const COMMON_WORD = 0.3;
const PIECES = [3, 4, 5];

/**
 * What a text consists of, without any model, each with its weight: its words, pairs of words, and pieces of
 * words of three to five letters, so that `paying` is close to `payment`.
 */
export function featuresOf(text: string): Map<string, number> {
  const features = new Map<string, number>();
  const add = (name: string, weight: number) => features.set(name, (features.get(name) ?? 0) + weight);
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  for (const [index, word] of words.entries()) {
    const common = COMMON.has(word);
    add(`w:${word}`, common ? COMMON_WORD : 1);
    const next = words[index + 1];
    if (next !== undefined) add(`p:${word} ${next}`, WORD_PAIR);
    if (common) continue;
    const framed = `<${word}>`;
    for (const length of PIECES)
      for (let at = 0; at + length <= framed.length; at += 1)
        add(`c:${framed.slice(at, at + length)}`, PIECE);
  }
  return features;
}

/**
 * A vector of a text: each feature is hashed to a place of it with a sign ("feature hashing", Weinberger et
 * al. 2009), and the whole is scaled to length 1. Texts that share words or parts of words point in similar
 * directions. All zeros for a text without letters and digits.
 */
export function featureVector(text: string, dimensions: number = OFFLINE_DIMENSIONS): number[] {
  const vector = new Array<number>(dimensions).fill(0);
  for (const [feature, weight] of featuresOf(text)) {
    const hash = hashOf(feature);
    const place = (hash >>> 1) % dimensions;
    vector[place] = (vector[place] ?? 0) + (hash & 1 ? weight : -weight);
  }
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}

/** FNV-1a over UTF-16 units, 32 bits, with a last mixing, for its lowest bits are weak. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash ^= text.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193);
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
