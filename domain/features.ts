/** The length of the vectors that the offline provider makes where none is asked for. */
export const OFFLINE_DIMENSIONS = 512;

/**
 * A vector of a text without any model: its words, pairs of words and pieces of words, each hashed to a
 * place of the vector with a sign ("feature hashing", Weinberger et al. 2009), scaled to length 1. Texts
 * that share words or parts of words point in similar directions. All zeros for a text without letters and
 * digits.
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

function* featuresOf(text: string): Generator<[feature: string, weight: number]> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  for (const [index, word] of words.entries()) {
    yield [`w:${word}`, 1];
    const next = words[index + 1];
    if (next !== undefined) yield [`p:${word} ${next}`, 0.7];
    const framed = `<${word}>`;
    for (let at = 0; at + 4 <= framed.length; at += 1) yield [`c:${framed.slice(at, at + 4)}`, 0.3];
  }
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
