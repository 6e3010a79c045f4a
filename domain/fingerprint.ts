/**
 * Groups failures that have the same cause: the code, and the message without what differs from object to
 * object (numbers, ids, quoted names). Readable on purpose: it is shown, and given back to retry one group.
 */
export function fingerprintOf(code: string, message: string): string {
  const words = message
    .toLowerCase()
    .replace(/(["'`])(?:(?!\1).){0,200}\1/g, ' x ')
    .replace(/\b[0-9a-f]{8,}\b|\d+/g, ' n ')
    .replace(/[^a-z]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  return words === '' ? code : `${code}:${words}`;
}
