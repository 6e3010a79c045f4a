import type { LabelSet } from './memory.ts';

/** What memories are told apart by until an organization has labels of its own. */
export const DEFAULT_LABELS: LabelSet = {
  version: 0,
  labels: [
    {
      name: 'fact',
      description: 'Something that is so: about a person, a thing or a place.',
      examples: [
        'My sister lives in Lisbon and has two children',
        'The router password is written on the back of the box',
        'Our office has twelve meeting rooms',
        'The car has a tank of 50 litres',
      ],
    },
    {
      name: 'preference',
      description: 'What somebody likes, dislikes or wants to have in a certain way.',
      examples: [
        'I prefer window seats on long flights',
        'I do not like coriander in my food',
        'Please send me invoices by mail and never by post',
        'My favourite colour is dark green',
      ],
    },
    {
      name: 'event',
      description: 'Something that happened or will happen at a certain time.',
      examples: [
        'Yesterday we met the new landlord',
        'The concert is on the 12th of May at eight',
        'Last summer I walked across the Alps',
        'Tomorrow at nine the plumber comes',
      ],
    },
    {
      name: 'task',
      description: 'Something that is to be done.',
      examples: [
        'Remember to renew my passport before August',
        'Buy milk and bread on the way home',
        'I have to call the bank about the card',
        'Finish the slides for the board meeting',
      ],
    },
    {
      name: 'question',
      description: 'Something that somebody wants to know.',
      examples: [
        'How long does the visa take?',
        'Which train goes to the airport on Sundays?',
        'Why was my payment declined?',
        'What is the best way to freeze herbs?',
      ],
    },
    {
      name: 'opinion',
      description: 'What somebody thinks of something.',
      examples: [
        'I think the new design is worse than the old one',
        'That film was the best of the year',
        'In my view the meeting was a waste of time',
        'The service in this hotel was terrible',
      ],
    },
    {
      name: 'contact',
      description: 'How somebody can be reached.',
      examples: [
        'The phone number of the dentist is 555 0142',
        'Maria can be reached at maria@example.com',
        'Our new address is 12 Harbour Street',
        'Write to support@example.org for refunds',
      ],
    },
  ],
};
