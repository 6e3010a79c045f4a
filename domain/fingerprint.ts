/**
 * Groups failures that have the same cause: the code, and the message without what differs from object to
 * object (quoted names, and words that hold a digit: numbers, ids, times). Readable on purpose: it is shown,
 * and given back to retry one group.
 */
export function fingerprintOf(code: string, message: string): string {
  const words = message
    .toLowerCase()
    // A quote behind a letter is an apostrophe.
    .replace(/(?<![a-z])(["'`])(?:(?!\1).){0,200}\1/g, ' x ')
    .split(/\s+/)
    .map((word) => (/\d/.test(word) || /^[0-9a-f]{8,}$/.test(word) ? 'n' : word))
    .join('-')
    .replace(/[^a-z]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  return words === '' ? code : `${code}:${words}`;
}
