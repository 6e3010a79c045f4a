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

test('each sentence of a paragraph has a source of its own, before or behind its full stop', () => {
  expect(check('It was founded in 2009. [S1] It is the largest of its kind. [S3]')).toEqual([]);
  expect(check('It was founded in 2009 [S1]. It is the largest of its kind [S1][S3].')).toEqual([]);
  expect(check('It was founded in 2009. It leads the whole market. They are many. [S1]')).toHaveLength(2);
  expect(check('It was founded by Dr. Anna Jansen in 2009. [S1]')).toEqual([]);
  expect(check('- It was founded in 2009. It sits in Utrecht. [S1]')).toEqual([]);
});

test('headings and introductions hide no claim', () => {
  expect(check('# A profile of the company')).toEqual(['it says nothing beside headings']);
  expect(check('# Profile\nIt is the leader of the market.')).toHaveLength(1);
  expect(check('# Profile\nIt was founded in 2009. [S1]')).toEqual([]);
  expect(check('It is the leader of the whole market:')).toHaveLength(1);
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
  expect(check('- It says «was founded in 2010 in Utrecht». [S1]')).toHaveLength(1);
  expect(check('- It says "was founded in 2009 in Utrecht". [S3]')).toHaveLength(1);
});

test('next to nothing is no answer', () => {
  expect(check('Yes. [S1]')).toEqual(['it is too short']);
  expect(check('')).toEqual(['it is too short']);
});
