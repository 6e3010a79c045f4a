import fc from 'fast-check';
import { AppError } from '../../../domain/errors.ts';
import { selectObjects } from '../../../kinds/documentation/select.ts';
import { cpuMs } from '../../support/cpu-time.ts';
import { ids, object, SHOP } from './select-shop.ts';

describe('selectObjects', () => {
  test.each([
    ['custmers', 'select: "custmers" matches nothing; did you mean customers?'],
    ['shop.order', 'select: "shop.order" matches nothing; did you mean shop.orders?'],
    ['tag:nightley', 'select: "tag:nightley" matches nothing; did you mean nightly?'],
    ['source:row+', 'select: "source:row+" matches nothing; did you mean raw?'],
    ['path:models/mart', 'select: "path:models/mart" matches nothing; did you mean models/marts?'],
    ['config.materialized:tabel', 'did you mean table?'],
    ['orders custmers', 'select: "custmers" matches nothing'],
    ['tag:core,stg_orders', 'select: "tag:core,stg_orders" matches nothing: no object meets all its parts'],
    ['zzzzzzzzzzzzzzzz', 'select: "zzzzzzzzzzzzzzzz" matches nothing'],
    [
      'source:raw',
      'select: "source:raw" matches 2 objects but no model; "source:raw+" takes what reads them',
    ],
    [
      'state:modified',
      '"state" is not a method that is supported; use one of fqn, tag, path, file, package,',
    ],
    ['config.schema:x', 'write config.materialized:VALUE or config.tags:VALUE'],
    ['resource_type:test', 'the resource types are model, seed, snapshot, source'],
    ['source:a.b.c.d', 'write source:NAME, source:NAME.TABLE or source:PACKAGE.NAME.TABLE'],
    ['@orders+', '"@orders+": "@" in front and "+" behind exclude each other'],
    ['+', 'select: "+" names nothing to select'],
    ['orders,', 'select: "orders," names nothing to select'],
    ['tag:', 'select: "tag:" names nothing to select'],
    ['x'.repeat(1001), 'select: an expression is over 1000 characters long'],
  ])('refuses %s', (select, message) => {
    const error = thrown(() => ids([select]));
    expect(error.code).toBe('invalid_input');
    expect(error.publicMessage).toContain(message);
    expect(error.details[0]?.field).toBe('select');
  });

  test('refuses an exclusion that matches nothing, or everything', () => {
    expect(thrown(() => ids([], ['custmers'])).publicMessage).toBe(
      'exclude: "custmers" matches nothing; did you mean customers?',
    );
    expect(thrown(() => ids(['orders'], ['marts'])).publicMessage).toMatch('exclude: leaves no model');
    expect(thrown(() => ids(Array(1001).fill('orders'))).publicMessage).toMatch('over 1000 expressions');
  });

  test('withstands a pattern made to be slow', () => {
    const long = [object(`model.p.${'a'.repeat(200)}`, 'models/x.sql')];
    const select = () => selectObjects(long, [`${'*a'.repeat(400)}b`]);
    expect(cpuMs(() => expect(select).toThrow('matches nothing'))).toBeLessThan(500);
  });

  test('any text selects models of the project or is refused with an AppError', () => {
    const piece = fc.constantFrom(
      '+',
      '@',
      '*',
      '?',
      '[',
      ']',
      '!',
      '-',
      '.',
      ',',
      ':',
      '/',
      ' ',
      '2',
      'orders',
      'tag',
      'x',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        try {
          const selected = selectObjects(SHOP, [pieces.join('')]);
          expect(selected.every((one) => one.resourceType === 'model' && SHOP.includes(one as never))).toBe(
            true,
          );
          expect(selected.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

function thrown(action: () => unknown): AppError {
  try {
    action();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('expected an AppError');
}
