/** What stands for a name in a batch's strings. */
export type Variables = Record<string, string | number | boolean>;

/** A variable that nobody has given a value, and where it stands. */
export interface MissingVariable {
  /** Path of the field, e.g. `input.projectId`. */
  field: string;
  name: string;
}

/** `${name}`; with another $ before it, it stands for itself. */
const NAMED = /\$?\$\{([^{}]*)\}/g;
const WHOLE = /^\$\{([^{}]*)\}$/;

/**
 * Puts variables in place of `${name}` in all strings below a value. A string that is nothing but one becomes
 * the variable's value with its type; `$${name}` becomes `${name}`.
 */
export function fillIn(value: unknown, variables: Variables): { value: unknown; missing: MissingVariable[] } {
  const missing: MissingVariable[] = [];
  const lookUp = (name: string, field: string) => {
    const known = Object.hasOwn(variables, name.trim()) ? variables[name.trim()] : undefined;
    if (known === undefined) missing.push({ field, name: name.trim() });
    return known;
  };
  const fill = (part: unknown, path: string[]): unknown => {
    if (typeof part === 'string') return fillText(part, (name) => lookUp(name, path.join('.')));
    if (Array.isArray(part)) return part.map((each, index) => fill(each, [...path, String(index)]));
    if (!isPlain(part)) return part;
    return Object.fromEntries(
      Object.entries(part).map(([name, each]) => [name, fill(each, [...path, name])]),
    );
  };
  return { value: fill(value, []), missing };
}

function fillText(text: string, lookUp: (name: string) => Variables[string] | undefined): unknown {
  const [, whole] = WHOLE.exec(text) ?? [];
  if (whole !== undefined) return lookUp(whole) ?? text;
  return text.replaceAll(NAMED, (found, name: string) =>
    found.startsWith('$$') ? found.slice(1) : String(lookUp(name) ?? found),
  );
}

/** What an item says, over what its batch says for all: objects field by field, anything else as a whole. */
export function withDefaults(defaults: unknown, own: unknown): unknown {
  if (own === undefined) return defaults;
  if (!isPlain(defaults) || !isPlain(own)) return own;
  const names = new Set([...Object.keys(defaults), ...Object.keys(own)]);
  return Object.fromEntries([...names].map((name) => [name, withDefaults(defaults[name], own[name])]));
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
