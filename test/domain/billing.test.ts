import { type Billing, billingOf, type FailedCallFacts, failureBehind } from '../../domain/billing.ts';
import { AppError } from '../../domain/errors.ts';

const usage = { inputTokens: 100, outputTokens: 9 };

test.each<[string, FailedCallFacts | undefined, boolean, Billing]>([
  ['a refusal by status is free', { status: 429 }, false, 'unbilled'],
  ['so is an error of the server', { status: 503 }, true, 'unbilled'],
  ['what was answered and is of no use was billed', { status: 200, usage }, false, { billed: usage }],
  ['an answer without usage is of unknown cost', { status: 200 }, false, 'unknown'],
  ['nobody was reached', { providerCode: 'ECONNREFUSED' }, false, 'unbilled'],
  ['a broken connection may have been answered', { providerCode: 'ECONNRESET' }, false, 'unknown'],
  ['so may what took too long', { providerCode: 'timeout' }, false, 'unknown'],
  ['no request was made', undefined, false, 'unbilled'],
  ['one that was aborted may have been', undefined, true, 'unknown'],
])('%s', (_what, failure, aborted, expected) => {
  expect(billingOf(failure, aborted)).toEqual(expected);
});

test('the failure of a provider is the cause of the error; another error has none', () => {
  const cause = Object.assign(new Error('status 200'), { status: 200, usage });
  expect(failureBehind(new AppError('llm_output_invalid', 'cut off', { cause }))).toMatchObject({ usage });
  expect(failureBehind(new AppError('llm_key_missing', 'no key'))).toBeUndefined();
  expect(failureBehind(new Error('aborted'))).toBeUndefined();
});
