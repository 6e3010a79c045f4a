import fc from 'fast-check';
import { knownWordsOf } from '../../../kinds/documentation/known-words.ts';
import { column, factsOf } from './write/facts.ts';

const knownIn = (description: string) =>
  knownWordsOf(factsOf('select 1 as one', { name: 'orders', description, columns: [column('Order Total')] }));

test.each([
  ['orders', 'its name'],
  ['one', 'its code'],
  ['order', 'a column'],
  ['shipped_at', 'what people wrote'],
  ['stg_x', 'an ephemeral model that dbt put into the code'],
  ['x1', 'a word behind a digit'],
])('%s is known from %s', (word) => {
  expect(knownIn('shipped_at: see __dbt__cte__stg_x; 2x1 is Größe$2').has(word)).toBe(true);
});

test.each(['shipped', 'at', 'ship', 'gr', 'e$2', 'stg', 'paid'])(
  '%s is only a part of a word, or none',
  (word) => {
    expect(knownIn('shipped_at: see __dbt__cte__stg_x; 2x1 is Größe$2').has(word)).toBe(false);
  },
);

test('a word is known exactly where a list of all words of the texts would hold it', () => {
  const piece = fc.constantFrom('a', 'b', '_', '$', '1', 'é', ' ', '.', '-', '\n', 'ab', '__dbt__cte__');
  const text = fc.array(piece, { maxLength: 30 }).map((parts) => parts.join(''));
  const word = fc
    .array(fc.constantFrom('a', 'b', '_', '$', '1'), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join(''))
    .filter((name) => /^[a-z_]/.test(name));
  fc.assert(
    fc.property(text, word, (description, name) => {
      const words = new Set(`${description} orders select`.match(/[\p{L}_][\p{L}\p{N}_$]*/gu));
      const listed = words.has(name) || words.has(`__dbt__cte__${name}`);
      expect(knownIn(description).has(name)).toBe(listed);
    }),
    { numRuns: 2_000 },
  );
});
