import { checkAnswer } from '../../../kinds/intelligence/checks.ts';

const SOURCES = [
  { label: 'S1', title: 'one', text: 'The company was founded in 2009\nin Utrecht.' },
  { label: 'S3', title: 'three', text: "It's the “largest” of its kind – they say." },
];
const check = (text: string) => checkAnswer(text, SOURCES);

test('claims with their sources are accepted, as list or as paragraphs', () => {
  expect(check('- It was founded in 2009. [S1]\n- It is the largest. [S3]')).toEqual([]);
  expect(check('It was founded in 2009. [S1]\n\nIt is the largest. [S1][S3]')).toEqual([]);
  expect(check('Two things are known:\n- It was founded in 2009. [S1]')).toEqual([]);
});

test('that the sources do not tell is an answer, with nothing beside it', () => {
  expect(check('The sources do not tell.')).toEqual([]);
});

test('a claim without a source is refused, whichever it is', () => {
  expect(check('- It was founded in 2009. [S1]\n- It is the market leader.')).toEqual([
    '"- It is the market leader." cites no source',
  ]);
});

test('a source that is not there is refused', () => {
  expect(check('- It was founded in 2009. [S2]')).toEqual(['there is no source S2']);
  expect(check('- It was founded in 2009. [A:S1]')).toEqual(['there is no source A:S1']);
});

test('a quotation must stand in the cited source, whatever its marks and line breaks', () => {
  expect(check('- It says "was founded in 2009 in Utrecht". [S1]')).toEqual([]);
  expect(check('- It is “the largest of its kind - they say”. [S3]')).not.toEqual([]);
  expect(check('- It says "was founded in 2010 in Utrecht". [S1]')).toEqual([
    '"was founded in 2010 in Utrecht" does not stand in S1',
  ]);
  expect(check('- It says "was founded in 2009 in Utrecht". [S3]')).toHaveLength(1);
});

test('next to nothing is no answer', () => {
  expect(check('Yes. [S1]')).toEqual(['it is too short']);
  expect(check('')).toEqual(['it is too short']);
});
