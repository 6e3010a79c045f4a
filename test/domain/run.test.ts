import {
  controlProblem,
  ENDED_STATES,
  endStateOf,
  isEnded,
  RUN_STATES,
  type RunControl,
  type RunState,
  shownState,
  WAIT_REASONS,
} from '../../domain/run.ts';

const OPEN = RUN_STATES.filter((state) => !isEnded(state));
/** In which states each control may be used; `waiting` to resume only where it waits as failing. */
const ALLOWED: Record<RunControl, RunState[]> = {
  pause: ['queued', 'planning', 'estimating', 'running', 'waiting', 'pausing', 'paused'],
  resume: ['pausing', 'paused'],
  cancel: OPEN,
  setConcurrency: ['queued', 'planning', 'estimating', 'running', 'waiting', 'pausing', 'paused'],
  retry: ['running', 'waiting', 'paused', 'completed', 'completed_with_errors', 'failed', 'cancelled'],
};

describe('controlProblem', () => {
  test.each(Object.entries(ALLOWED) as [RunControl, RunState[]][])(
    '%s is allowed in %j alone',
    (control, allowed) => {
      const free = RUN_STATES.filter((state) => controlProblem(control, state) === undefined);
      expect(free.toSorted()).toEqual(allowed.toSorted());
    },
  );

  test('a run that waits is resumed only where it waits as failing', () => {
    const free = WAIT_REASONS.filter((reason) => controlProblem('resume', 'waiting', reason) === undefined);
    expect(free).toEqual(['failing']);
  });

  test('the answer says in which state the run is', () => {
    expect(controlProblem('pause', 'completed')).toContain('completed');
    expect(controlProblem('resume', 'running')).toContain('running');
    expect(controlProblem('retry', 'rejected')).toContain('rejected');
  });
});

describe('shownState', () => {
  const run = (state: RunState, pauseRequested = false, cancelRequested = false) =>
    shownState({ state, pauseRequested, cancelRequested });

  test('is the state itself where nothing was asked for', () => {
    for (const state of RUN_STATES) expect(run(state)).toBe(state);
  });

  test('an end is an end, whatever was asked for', () => {
    for (const state of ENDED_STATES) expect(run(state, true, true)).toBe(state);
  });

  test('an asked-for cancel shows at once, before a pause', () => {
    for (const state of OPEN) expect(run(state, true, true)).toBe('cancelling');
  });

  test('an asked-for pause shows as pausing until it is reached', () => {
    for (const state of OPEN) expect(run(state, true)).toBe(state === 'paused' ? 'paused' : 'pausing');
  });
});

test('a run with one failed object ends with errors', () => {
  expect(endStateOf(0)).toBe('completed');
  expect(endStateOf(1)).toBe('completed_with_errors');
});
