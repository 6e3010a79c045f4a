const PAGE = '100';
/** Of one list: 20,000 objects with six layers each. */
const MAX_PAGES = 1_200;

/** All rows of a list that comes in pages. */
export async function everyPage<Row>(
  read: (page: { limit: string; cursor?: string }) => Promise<{ rows: Row[]; cursor?: string | undefined }>,
): Promise<Row[]> {
  const all: Row[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { rows, cursor: next } = await read({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    all.push(...rows);
    if (next === undefined) break;
    cursor = next;
  }
  return all;
}
