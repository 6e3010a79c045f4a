/**
 * Unix wildcards as Python's fnmatch knows them: `*` any text, `?` one character, `[abc]`, `[a-z]`, `[!a]`;
 * case counts. Never more than pattern × text steps, whatever the pattern.
 */
export function globMatches(pattern: string, text: string): boolean {
  return sequenceMatches(globTokens(pattern), [...text], '*', (token, character) =>
    tokenMatches(token, character),
  );
}

/** The same for paths: `*` stays within a folder, `**` crosses folders. */
export function pathGlobMatches(pattern: string, path: string): boolean {
  return sequenceMatches(pattern.split('/'), path.split('/'), '**', (part, name) => globMatches(part, name));
}

export function hasWildcard(text: string): boolean {
  return /[*?[\]]/.test(text);
}

function globTokens(pattern: string): string[] {
  // A bracket without its end stands for itself.
  return pattern.match(/\[!?\]?[^\]]*\]|[\s\S]/gu) ?? [];
}

function tokenMatches(token: string, character: string): boolean {
  if (token === '?') return true;
  if (token.length < 2 || !token.startsWith('[')) return token === character;
  const negated = token[1] === '!';
  const members = [...token.slice(negated ? 2 : 1, -1)];
  let found = false;
  for (let at = 0; at < members.length; at++) {
    const from = members[at] ?? '';
    const to = members[at + 1] === '-' ? members[at + 2] : undefined;
    found ||= to === undefined ? from === character : from <= character && character <= to;
    if (to !== undefined) at += 2;
  }
  return found !== negated;
}

/** Two pointers and the place of the last star: going back to an earlier star can never help. */
function sequenceMatches(
  pattern: string[],
  items: string[],
  star: string,
  matches: (token: string, item: string) => boolean,
): boolean {
  let token = 0;
  let item = 0;
  let starAt = -1;
  let starTook = 0;
  while (item < items.length) {
    const current = pattern[token];
    if (current === star) {
      starAt = token++;
      starTook = item;
    } else if (current !== undefined && matches(current, items[item] ?? '')) {
      token++;
      item++;
    } else if (starAt !== -1) {
      token = starAt + 1;
      item = ++starTook;
    } else return false;
  }
  return pattern.slice(token).every((rest) => rest === star);
}
