import { describe, expect, test } from 'vitest';
import { answerData } from '../../../src/receipts/index.ts';

const text = (...texts: string[]) => ({
  content: texts.map((one) => ({ type: 'text', text: one })),
});
const STRUCTURED = { iban: 'CH93', id: 1 };

describe('the data of an answer is', () => {
  test.each<[string, unknown, unknown]>([
    ['its structured content', { structuredContent: STRUCTURED, content: [] }, STRUCTURED],
    ['the same without content', { structuredContent: STRUCTURED }, STRUCTURED],
    [
      'the same if the text repeats it in another order',
      { structuredContent: STRUCTURED, ...text('{"id":1,"iban":"CH93"}') },
      STRUCTURED,
    ],
    [
      'the same beside prose about it',
      { structuredContent: STRUCTURED, ...text('one') },
      STRUCTURED,
    ],
    ['the JSON of its only text', text('[{"iban":"CH93"}]'), [{ iban: 'CH93' }]],
    ['its only text as it is', text('CH93'), 'CH93'],
    ['a number as the text that it is', text('7'), '7'],
    ['the same if the answer says that it is no error', { ...text('7'), isError: false }, '7'],
  ])('%s', (_, result, data) => expect(answerData(result)).toEqual(data));
});

describe('there is no data in an answer', () => {
  test.each<[string, unknown]>([
    ['that is an error', { ...text('CH93'), isError: true }],
    ['that says something else about being an error', { ...text('CH93'), isError: 'no' }],
    ['whose two forms differ', { structuredContent: STRUCTURED, ...text('{"iban":"XX00"}') }],
    ['with a member twice', text('{"iban":"CH93","iban":"XX00"}')],
    [
      'with a member twice beside structured content',
      { structuredContent: STRUCTURED, ...text('{"iban":"CH93","iban":"XX00"}') },
    ],
    ['of two texts', text('CH93', 'XX00')],
    ['of an image', { content: [{ type: 'image', data: '', mimeType: 'image/png' }] }],
    [
      'of structured content and an image',
      {
        structuredContent: STRUCTURED,
        content: [{ type: 'image', data: '', mimeType: 'image/png' }],
      },
    ],
    ['without content', {}],
    ['that is no object', 'CH93'],
    ['with structured content that is a list', { structuredContent: ['CH93'] }],
    ['whose text is no Unicode', text('\ud800')],
  ])('%s', (_, result) => expect(answerData(result)).toBeUndefined());
});
