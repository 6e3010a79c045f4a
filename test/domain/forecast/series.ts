import { randomOf } from '../../../domain/forecast/statistics.ts';

/** Draws from one seed: `normal` of mean 0 and deviation 1, `uniform` from 0 to 1. */
interface Draws {
  normal: () => number;
  uniform: () => number;
}

const WORKDAYS = 5;
const MONTH = 30;

/**
 * What daily spend looks like, in kinds. The parameters of `domain/forecast/` were fixed on series drawn from
 * these, by seeds other than the tests'.
 */
export const KINDS_OF_SERIES: Record<string, (draws: Draws) => number[]> = {
  noise: ({ normal }) => days(120, () => Math.max(0, 100 + 20 * normal())),
  'heavy noise': ({ normal }) => days(120, () => 100 * Math.exp(0.6 * normal())),
  weekly: ({ normal }) => days(120, (at) => workday(at, 0.3) * 100 * (1 + 0.1 * normal())),
  'weekly, wandering': ({ normal }) => {
    const level = wandering(normal, 0.03);
    return days(120, (at) => level() * workday(at, 0.4) * (1 + 0.1 * normal()));
  },
  'weekly with holidays': ({ normal, uniform }) =>
    days(120, (at) => 100 * workday(at, 0.5) * (1 + 0.05 * normal()) * (uniform() < 0.04 ? 0.4 : 1)),
  wandering: ({ normal }) => days(120, wandering(normal, 0.05)),
  'slow swings': ({ normal }) => {
    let swing = 0;
    return days(120, (at) => {
      swing = 0.7 * swing + normal();
      return 100 + 8 * swing - 30 * (1 - workday(at, 0));
    });
  },
  'step up': ({ normal }) => days(120, (at) => (at < 60 ? 100 : 220) * (1 + 0.08 * normal())),
  'step down': ({ normal }) => days(120, (at) => (at < 70 ? 100 : 20) * (1 + 0.08 * normal())),
  'weekly step': ({ normal }) =>
    days(120, (at) => (at < 60 ? 100 : 220) * workday(at, 0.4) * (1 + 0.08 * normal())),
  'a year of growth': ({ normal }) => days(365, (at) => 100 * Math.exp(at / 200) * (1 + 0.1 * normal())),
  'weekly growth': ({ normal }) =>
    days(120, (at) => 100 * Math.exp(at / 100) * workday(at, 0.5) * (1 + 0.05 * normal())),
  decline: ({ normal }) => days(150, (at) => 200 * Math.exp(-at / 60) * (1 + 0.1 * normal())),
  'now and then': ({ uniform }) => days(120, () => (uniform() < 0.15 ? 100 * uniform() : 0)),
  'month-end lumps': ({ normal }) =>
    days(365, (at) => (at % MONTH === MONTH - 1 ? 1000 : 20 * (1 + 0.1 * normal()))),
  credits: ({ normal }) => days(120, (at) => (at % 31 === 5 ? -300 : 50 * (1 + 0.1 * normal()))),
  'mostly credits': ({ normal }) => days(120, () => -20 + 10 * normal()),
  zeros: () => days(60, () => 0),
  'zeros, then spend': ({ normal }) => days(60, (at) => (at < 40 ? 0 : 100 * (1 + 0.1 * normal()))),
  'always alike': () => days(60, () => 5),
  'alike, weekly': () => days(60, (at) => 10 * workday(at, 0)),
  'one point': () => [42],
  'two points': () => [42, 7],
  nothing: () => [],
};

export function seriesOf(kind: string, seed: number): number[] {
  const uniform = randomOf(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return KINDS_OF_SERIES[kind]?.({ normal, uniform }) ?? [];
}

function days(count: number, amountOf: (at: number) => number): number[] {
  return Array.from({ length: count }, (_, at) => amountOf(at));
}

/** 1 on workdays, `weekend` on the two others. */
function workday(at: number, weekend: number): number {
  return at % 7 < WORKDAYS ? 1 : weekend;
}

/** A level that every day moves on from where it was. */
function wandering(normal: () => number, pace: number): () => number {
  let level = 100;
  return () => {
    level *= Math.exp(pace * normal());
    return level;
  };
}
