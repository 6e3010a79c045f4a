import { MAX_RATIOS_OF_RUN, type RunLesson } from './calibration.ts';

/** The result of one step of one item, as far as it teaches. */
export interface TaughtStep {
  step: string;
  /** An accepted text; failed steps count for the overhead alone. */
  done: boolean;
  calls: number;
  inputTokens: number;
  cachedTokens: number;
  /** Over all of its calls. */
  outputTokens: number;
  /** Output tokens that its kind expected of one call without any history; absent where it does not say. */
  expectedTokens?: number | undefined;
}

/** What one run teaches about one step: some of its ratios, spread evenly over the run, and its sums. */
export interface Lesson extends RunLesson {
  step: string;
  ratios: number[];
}

/** Takes the results of a run one by one, in any number: what is kept of them is bounded. */
export function collectLessons() {
  const lessons = new Map<string, Collected>();
  return {
    add(taught: TaughtStep): void {
      if (taught.calls < 1) return;
      const lesson = lessons.get(taught.step) ?? newLesson();
      lessons.set(taught.step, lesson);
      lesson.steps += 1;
      lesson.calls += taught.calls;
      lesson.inputTokens += taught.inputTokens;
      lesson.cachedTokens += taught.cachedTokens;
      const expected = taught.expectedTokens ?? 0;
      if (taught.done && expected > 0) addRatio(lesson, taught.outputTokens / taught.calls / expected);
    },
    end(): Lesson[] {
      return [...lessons].map(([step, { sum, every: _every, ratios, samples, ...sums }]) => ({
        step,
        ...sums,
        samples,
        meanRatio: samples === 0 ? 0 : sum / samples,
        ratios: thinned(ratios),
      }));
    },
  };
}

interface Collected extends Omit<RunLesson, 'meanRatio'> {
  sum: number;
  ratios: number[];
  /** Every which sample is kept at present. */
  every: number;
}

function newLesson(): Collected {
  return { steps: 0, calls: 0, inputTokens: 0, cachedTokens: 0, samples: 0, sum: 0, ratios: [], every: 1 };
}

/** Keeps every n-th sample, and twice as seldom each time that twice the number wanted is reached. */
function addRatio(lesson: Collected, ratio: number): void {
  if (lesson.samples % lesson.every === 0) lesson.ratios.push(ratio);
  lesson.samples += 1;
  lesson.sum += ratio;
  if (lesson.ratios.length < 2 * MAX_RATIOS_OF_RUN) return;
  lesson.ratios = lesson.ratios.filter((_, index) => index % 2 === 0);
  lesson.every *= 2;
}

function thinned(ratios: number[]): number[] {
  const count = Math.min(ratios.length, MAX_RATIOS_OF_RUN);
  return Array.from({ length: count }, (_, at) => ratios[Math.floor((at * ratios.length) / count)] ?? 0);
}
