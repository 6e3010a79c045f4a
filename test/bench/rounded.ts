/** So that figures can be read: three digits that count. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
