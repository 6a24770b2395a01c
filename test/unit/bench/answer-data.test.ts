import { expect, test } from 'vitest';
import { dataOf } from '../../../bench/attacks/answer-data.ts';

test.each<[string, string, unknown]>([
  [
    'YAML of a list',
    "- amount: 1.5\n  date: '2022-01-01'\n  open: true\n- amount: 2",
    [{ amount: 1.5, date: '2022-01-01', open: true }, { amount: 2 }],
  ],
  [
    'YAML of an object',
    "id_: '2'\nday: 2024-05-15\nnone: null",
    {
      id_: '2',
      day: '2024-05-15',
      none: null,
    },
  ],
  [
    'a dictionary of Python',
    `{'a': "it's \\x41", 'b': [None, True, 1.0], 'c': 'say "hi"'}`,
    {
      a: "it's A",
      b: [null, true, 1],
      c: 'say "hi"',
    },
  ],
  ['prose', 'Dear tenant,\nrent: 12', 'Dear tenant,\nrent: 12'],
  ['a title and lines', 'Hotel Names: A\nB', 'Hotel Names: A\nB'],
  ['half a dictionary', "{'a': ", "{'a': "],
  ['YAML with a sentence behind it', '- a: 1\n- a: 2\nsend it!', '- a: 1\n- a: 2\nsend it!'],
])('a recorded answer is the data of %s', (_, answer, data) => {
  expect(dataOf(answer)).toEqual(data);
});
