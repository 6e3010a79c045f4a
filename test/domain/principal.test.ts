import { allows, ROLES } from '../../domain/principal.ts';

test('each role may do what the roles below it may, and no more', () => {
  const table = ROLES.map((role) => ROLES.map((needed) => allows(role, needed)));
  expect(table).toEqual([
    [true, false, false],
    [true, true, false],
    [true, true, true],
  ]);
});
