import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readJsonBody } from '../../src/json-body.ts';
import { cpuMilliseconds } from './cpu-time.ts';

const BYTES_MAX = 100_000;
const read = (body: string) =>
  readJsonBody(
    new Request('https://api.example', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    }),
    BYTES_MAX,
  );

test('accepts what JSON.stringify writes, and returns the value', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.jsonValue({ maxDepth: 4 }),
      fc.integer({ min: 0, max: 4 }),
      async (value, indent) => {
        const body = JSON.stringify(value, null, indent);
        expect(await read(body)).toEqual({ ok: true, value: JSON.parse(body) });
      },
    ),
  );
});

test('refuses a member that is given twice, wherever it is and however it is written', async () => {
  const space = fc.stringMatching(/^[ \t\n\r]{0,3}$/);
  const name = fc.string({ unit: 'binary', maxLength: 8 });
  const others = fc.dictionary(fc.string(), fc.integer(), { maxKeys: 3 });
  await fc.assert(
    fc.asyncProperty(
      name,
      others,
      space,
      fc.nat({ max: 5 }),
      async (twice, members, gap, depth) => {
        const pair = (text: string) => `${text}${gap}:${gap}1`;
        const escaped = `"${[...twice].flatMap((sign) => units(sign)).join('')}"`;
        const between = Object.entries(members)
          .filter(([other]) => other !== twice)
          .map(([other, value]) => `${JSON.stringify(other)}:${value}`);
        const object = `{${[pair(JSON.stringify(twice)), ...between, pair(escaped)].join(',')}}`;
        const body = `${'[{"in":'.repeat(depth)}${object}${'}]'.repeat(depth)}`;
        JSON.parse(body);
        expect(await read(body)).toMatchObject({ error: { why: 'a member is given twice' } });
      },
    ),
  );
});

/** Writes each code unit as an escape. */
const units = (sign: string): readonly string[] =>
  Array.from(
    { length: sign.length },
    (_, index) => `\\u${sign.charCodeAt(index).toString(16).padStart(4, '0')}`,
  );

test.each([
  ['an open text of escaped quotes', `"${'\\"'.repeat(40_000)}`],
  ['white space after a text', `{"a"${' '.repeat(80_000)}}`],
  ['open brackets', '['.repeat(90_000)],
  ['open members', '{"a":'.repeat(15_000)],
])('refuses %s in a time that grows with its length', async (_, body) => {
  const milliseconds = await cpuMilliseconds(async () => {
    expect(await read(body)).toMatchObject({ error: { code: 'body_invalid' } });
  });
  expect(milliseconds).toBeLessThan(1_000);
});
