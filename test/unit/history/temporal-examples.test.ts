import { expect, test } from 'vitest';
import { catalogueWith, play, rulesIn } from './story.ts';
import { INSURANCE, TEMPORAL_EXAMPLES } from './temporal-examples.ts';

test.each(TEMPORAL_EXAMPLES.map((example) => [example.name, example] as const))(
  'decides the published example as its guide does: %s',
  (_, { rules, stories }) => {
    const parsed = rulesIn(catalogueWith(INSURANCE, rules));
    expect(stories.length).toBeGreaterThan(0);
    for (const story of stories) {
      const expected = story.map(({ ends, refused }) => (ends === 'denied' ? 'denied' : refused));
      expect(play(parsed, story)).toEqual(expected);
    }
  },
);

test('the examples are all that the guide had when they were read', () => {
  expect(TEMPORAL_EXAMPLES.length).toBe(14);
});
