/** A table for people; the first column is text. */
export interface Section {
  title: string;
  columns: { title: string; align?: 'right' }[];
  rows: string[][];
  note?: string;
}

/** Columns of numbers. */
export function right(...titles: string[]): Section['columns'] {
  return titles.map((title) => ({ title, align: 'right' }));
}
