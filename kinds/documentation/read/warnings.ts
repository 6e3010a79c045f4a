const MAX_WARNINGS = 100;

/** Collects what people should know about an input without stopping for it. */
export interface Warnings {
  add(warning: string): void;
  /** At most 100, each once; the last then says how many more there were. */
  list(): string[];
}

export function createWarnings(): Warnings {
  const all = new Set<string>();
  return {
    add: (warning) => void all.add(warning),
    list: () => {
      const list = [...all];
      if (list.length <= MAX_WARNINGS) return list;
      const kept = list.slice(0, MAX_WARNINGS - 1);
      return [...kept, `… and ${list.length - kept.length} more warnings`];
    },
  };
}
