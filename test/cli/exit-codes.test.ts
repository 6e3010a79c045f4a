import { CommanderError } from 'commander';
import { EXIT, exitCodeOfError, exitCodeOfRun, Interrupted } from '../../cli/exit-codes.ts';
import { AppError, invalidInput } from '../../domain/errors.ts';

test.each([
  [invalidInput('wrong'), EXIT.usage],
  [new AppError('too_large', 'too large'), EXIT.usage],
  [new AppError('not_found', 'there is no run x'), EXIT.usage],
  [new CommanderError(1, 'commander.unknownOption', 'unknown option'), EXIT.usage],
  [new CommanderError(0, 'commander.help', '(outputHelp)'), EXIT.done],
  [new Interrupted('stopped'), EXIT.cancelled],
  [new AppError('budget_exceeded', 'too little is left'), EXIT.stoppedByBudget],
  [new AppError('circuit_open', 'the breaker is open'), EXIT.stoppedByBudget],
  [new AppError('services_unavailable', 'no answer'), EXIT.unexpected],
  [new AppError('conflict', 'in use'), EXIT.unexpected],
  [new TypeError('a bug'), EXIT.unexpected],
])('the error %s has its exit code', (error, code) => {
  expect(exitCodeOfError(error)).toBe(code);
});

test.each([
  ['completed', null, 0],
  ['completed_with_errors', null, 3],
  ['failed', null, 1],
  ['cancelled', null, 5],
  ['rejected', null, 4],
  ['waiting', 'budget', 4],
  ['waiting', 'approval', 4],
  ['waiting', 'circuit_open', 4],
  ['waiting', 'failing', 1],
  ['waiting', 'worker_missing', 1],
] as const)('a run that is %s (%s) ends its command with %i', (state, waitReason, code) => {
  expect(exitCodeOfRun({ state, waitReason })).toBe(code);
});
