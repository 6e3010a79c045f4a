/** Puts a value into a map that keeps so many at the most: what was put in first goes. */
export function keepAtMost<Key, Value>(most: number, kept: Map<Key, Value>, key: Key, value: Value): void {
  kept.set(key, value);
  for (const oldest of kept.keys()) {
    if (kept.size <= most) return;
    kept.delete(oldest);
  }
}
