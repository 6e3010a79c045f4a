import { assertSensible, changedSettings, limitsOf, type Settings } from '../../domain/settings.ts';

const settings: Settings = {
  costWarningThresholdNanoUsd: 5,
  costHardLimitNanoUsd: 50,
  timeZone: 'Europe/Berlin',
  kinds: { documentation: { costHardLimitNanoUsd: 20 } },
};

describe('a change of settings', () => {
  test('leaves what it does not name, and takes back what it sets to null', () => {
    expect(changedSettings(settings, { costWarningThresholdNanoUsd: 7, timeZone: null })).toEqual({
      costWarningThresholdNanoUsd: 7,
      costHardLimitNanoUsd: 50,
      kinds: settings.kinds,
    });
    expect(changedSettings(settings, {})).toEqual(settings);
  });

  test('changes the limits of one kind beside those of others', () => {
    const changed = changedSettings(settings, {
      kinds: {
        intelligence: { costWarningThresholdNanoUsd: 1 },
        documentation: { costWarningThresholdNanoUsd: 2 },
      },
    });
    expect(changed.kinds).toEqual({
      documentation: { costHardLimitNanoUsd: 20, costWarningThresholdNanoUsd: 2 },
      intelligence: { costWarningThresholdNanoUsd: 1 },
    });
  });

  test('leaves nothing of a kind that has no limit any more', () => {
    expect(changedSettings(settings, { kinds: { documentation: null } })).not.toHaveProperty('kinds');
    expect(
      changedSettings(settings, { kinds: { documentation: { costHardLimitNanoUsd: null } } }),
    ).not.toHaveProperty('kinds');
  });

  test('does not change what it was given', () => {
    const before = structuredClone(settings);
    changedSettings(settings, { kinds: { documentation: { costHardLimitNanoUsd: 1 } }, timeZone: null });
    expect(settings).toEqual(before);
  });
});

test('the limits of a kind are its own, and the organization’s where it has none', () => {
  expect(limitsOf(settings, 'documentation')).toEqual({
    costWarningThresholdNanoUsd: 5,
    costHardLimitNanoUsd: 20,
  });
  expect(limitsOf(settings, 'intelligence')).toEqual({
    costWarningThresholdNanoUsd: 5,
    costHardLimitNanoUsd: 50,
  });
  expect(limitsOf({}, 'documentation')).toEqual({});
});

describe('a warning that could never be given', () => {
  test('is refused with its field, for the organization or for one kind', () => {
    const problem = (changed: Settings) => {
      try {
        assertSensible(changed);
        return undefined;
      } catch (error) {
        return (error as { details: { field: string }[] }).details[0]?.field;
      }
    };
    expect(problem({ costWarningThresholdNanoUsd: 51, costHardLimitNanoUsd: 50 })).toBe(
      'costWarningThreshold',
    );
    expect(problem({ ...settings, kinds: { documentation: { costHardLimitNanoUsd: 4 } } })).toBe(
      'kinds.documentation.costWarningThreshold',
    );
    expect(problem({ costWarningThresholdNanoUsd: 50, costHardLimitNanoUsd: 50 })).toBeUndefined();
    expect(problem(settings)).toBeUndefined();
    expect(problem({ costWarningThresholdNanoUsd: 51 })).toBeUndefined();
  });
});
