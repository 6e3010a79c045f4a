import { median, robustDeviation } from './statistics.ts';

/** How many deviations off a day is odd. In simulations of noise alone less takes days that are none. */
const ODD_DEVIATIONS = 4;
/** A week of which a larger share is odd is a new beginning rather than odd: two days of seven. */
const MOST_OF_A_WEEK = 0.3;

/**
 * The series with single odd days (a holiday, a lump, an outage) brought to what their place in the week and
 * their week would have had. They neither move the level nor bend the week. Needs three whole weeks.
 */
export function withoutOddDays(values: readonly number[], season: number): number[] {
  const first = values.length % season;
  const weeks = Array.from({ length: (values.length - first) / season }, (_, index) =>
    values.slice(first + index * season, first + (index + 1) * season),
  );
  if (weeks.length < 3) return [...values];
  const { levels, places } = polish(weeks);
  const expected = (week: number, place: number) => (levels[week] ?? 0) + (places[place] ?? 0);
  const residuals = weeks.map((days, week) => days.map((value, place) => value - expected(week, place)));
  const limit = ODD_DEVIATIONS * robustDeviation(residuals.flat());
  if (limit === 0) return [...values];
  const cleaned = weeks.flatMap((days, week) => {
    const odd = days.map((_, place) => Math.abs(residuals[week]?.[place] ?? 0) > limit);
    if (odd.filter(Boolean).length > MOST_OF_A_WEEK * season) return days;
    return days.map((value, place) => (odd[place] ? expected(week, place) : value));
  });
  return [...values.slice(0, first), ...cleaned];
}

/** Medians of weeks and of places in turn ("median polish", Tukey 1977). */
function polish(weeks: number[][]): { levels: number[]; places: number[] } {
  let levels = weeks.map(median);
  let places: number[] = [];
  for (let turn = 0; turn < 2; turn += 1) {
    places = Array.from({ length: weeks[0]?.length ?? 0 }, (_, place) =>
      median(weeks.map((days, week) => (days[place] ?? 0) - (levels[week] ?? 0))),
    );
    levels = weeks.map((days) => median(days.map((value, place) => value - (places[place] ?? 0))));
  }
  return { levels, places };
}
