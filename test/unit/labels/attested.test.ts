import { expect, test } from 'vitest';
import { attestedTexts } from '../../../src/labels/index.ts';

const URL_OF_MAIL = 'https://news.example/item';
const of = (origin: string, pointer = '/url') =>
  attestedTexts(
    { used: [{ pointer, origin }], ignored: [] },
    { url: URL_OF_MAIL, ids: ['4711', 7] },
  );

test.each(['prompt', 'own:url', 'own:url named', 'server:url', 'self:url', 'peer:url named'])(
  'a text with the origin %s is attested',
  (origin) => {
    expect(of(origin)).toEqual([URL_OF_MAIL]);
  },
);

test.each(['peer:url', 'mcp/mail/read#/link', 'approved', `=${URL_OF_MAIL}`])(
  'a text with only the origin %s is not attested',
  (origin) => {
    expect(of(origin)).toEqual([]);
  },
);

test('only texts are attested, and nothing without provenance', () => {
  expect([of('server:id', '/ids/0'), of('server:id', '/ids/1')]).toEqual([['4711'], []]);
  expect(attestedTexts(undefined, { url: URL_OF_MAIL })).toEqual([]);
});
