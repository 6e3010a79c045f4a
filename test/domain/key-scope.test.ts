import { isInScope, KEY_SCOPES, scopeNeeded } from '../../domain/key-scope.ts';

describe('the scope of a key', () => {
  test.each([
    ['GET', '/jobs', 'jobs:read'],
    ['HEAD', '/jobs', 'jobs:read'],
    ['POST', '/jobs/ingest', 'jobs:write'],
    ['DELETE', '/runs/1', 'runs:write'],
    ['POST', '/budgets/check', 'budgets:read'],
    ['POST', '/budgets/check/', 'budgets:write'],
    ['POST', '/budgets', 'budgets:write'],
    ['GET', '/nowhere', 'nowhere:read'],
    ['GET', '/status', undefined],
    ['POST', '/auth/logout', undefined],
  ])('%s %s needs %s', (method, path, needed) => {
    expect(scopeNeeded(method, path)).toBe(needed);
  });

  test('includes reading where it may write, and nothing of other parts', () => {
    expect(isInScope(['jobs:write'], 'jobs:read')).toBe(true);
    expect(isInScope(['jobs:read'], 'jobs:write')).toBe(false);
    expect(isInScope(['jobs:write'], 'runs:read')).toBe(false);
    expect(isInScope([], 'jobs:read')).toBe(false);
    expect(isInScope([], undefined)).toBe(true);
    expect(isInScope(undefined, 'jobs:write')).toBe(true);
  });

  test('never lets a key make keys, people or organizations', () => {
    expect(
      KEY_SCOPES.filter((scope) => /^(keys|people|invitations|organizations):write$/.test(scope)),
    ).toEqual([]);
  });
});
