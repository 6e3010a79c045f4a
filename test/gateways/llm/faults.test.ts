import { AppError } from '../../../domain/errors.ts';
import { parseFaults } from '../../../gateways/llm/faults.ts';

test('reads every option, and percent-encoded values', () => {
  const all =
    'latencyMs=50,rateLimitEvery=5,retryAfterMs=200,failEvery=3,failFirst=2,failObject=a%2Cb%2Fc,' +
    'failCode=llm_bad_request,malformedEvery=7,emptyEvery=8,refuseEvery=9,overbillFactor=1.5,keyMissing=1';
  expect(parseFaults(all)).toEqual({
    latencyMs: 50,
    rateLimitEvery: 5,
    retryAfterMs: 200,
    failEvery: 3,
    failFirst: 2,
    failObject: 'a,b/c',
    failCode: 'llm_bad_request',
    malformedEvery: 7,
    emptyEvery: 8,
    refuseEvery: 9,
    overbillFactor: 1.5,
    keyMissing: 1,
  });
});

test('reads no options as no faults', () => {
  expect(parseFaults('')).toEqual({});
});

test.each([
  ['latency=50', 'latency', 'knows latencyMs'],
  ['toString=1', 'toString', 'knows latencyMs'],
  ['latencyMs', 'latencyMs', 'whole milliseconds'],
  ['latencyMs=-1', 'latencyMs', 'whole milliseconds'],
  ['latencyMs=3600001', 'latencyMs', 'whole milliseconds'],
  ['latencyMs=1e3', 'latencyMs', 'whole milliseconds'],
  ['failEvery=0', 'failEvery', 'from 1'],
  ['failEvery=2,failEvery=3', 'failEvery', 'given twice'],
  ['failObject=', 'failObject', 'name of an object'],
  ['failCode=oops', 'failCode', 'llm_unavailable'],
  ['overbillFactor=0.5', 'overbillFactor', 'from 1 to 1000'],
  ['keyMissing=yes', 'keyMissing', '0 or 1'],
  ['failEvery=2,', '', 'knows latencyMs'],
])('refuses "%s" with the name of the option and what would be right', (options, option, expected) => {
  let thrown: unknown;
  try {
    parseFaults(options);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(AppError);
  const error = thrown as AppError;
  expect(error.code).toBe('llm_model_unknown');
  expect(error.publicMessage).toContain(`"${option}"`);
  expect(error.publicMessage).toContain(expected);
  expect(error.details).toEqual([{ field: 'model', problem: expect.stringContaining(option) }]);
});
