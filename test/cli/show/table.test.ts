import { stripVTControlCharacters } from 'node:util';
import { createStyle, wantsColour } from '../../../cli/show/style.ts';
import { tableLines } from '../../../cli/show/table.ts';

test('aligns columns, numbers to the right, whatever colours the cells have', () => {
  const { bad } = createStyle(true);
  const lines = tableLines(
    [{ title: 'model' }, { title: 'cost', align: 'right' }, { title: 'state' }],
    [
      ['orders', '$1.00', 'done'],
      [bad('größe'), '$10.00', 'failed'],
    ],
  );
  expect(lines.map(stripVTControlCharacters)).toEqual([
    'model     cost  state',
    'orders   $1.00  done',
    'größe   $10.00  failed',
  ]);
});

test('colours only a terminal, and none where NO_COLOR is set', () => {
  const terminal = { isTTY: true };
  expect(wantsColour(terminal, {})).toBe(true);
  expect(wantsColour({}, {})).toBe(false);
  expect(wantsColour(terminal, { NO_COLOR: '1' })).toBe(false);
  expect(wantsColour(terminal, { NO_COLOR: '' })).toBe(true);
  expect(wantsColour(terminal, { TERM: 'dumb' })).toBe(false);
  expect(wantsColour({}, { FORCE_COLOR: '1' })).toBe(true);
  expect(createStyle(false).bad('text')).toBe('text');
});
