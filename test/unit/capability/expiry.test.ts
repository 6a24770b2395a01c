import { expect, test } from 'vitest';
import { appendSource, at, mintToken, narrowed, opened } from '../fixtures/issuer.ts';

const expires = async (token: string) => (await opened(token)).expires;

test('a token expires at the earliest expiry of its blocks', async () => {
  const token = mintToken();
  expect(await expires(token)).toBe(at(300) / 1000);
  const step = await narrowed(token, { expires: new Date(at(30)) });
  expect(await expires(step)).toBe(at(30) / 1000);
  expect(await expires(await narrowed(step, { expires: new Date(at(200)) }))).toBe(at(30) / 1000);
});

test.each([
  'check if time($t), $t < 2026-11-23T11:00:00Z or true',
  'check if time($t), $t > 2026-11-23T10:00:01Z',
  'check if time($t), arg("x", $x), $t < 2026-11-23T10:00:01Z',
  'check if time($t), 2026-11-23T10:00:01Z < $t',
  'reject if time($t), $t < 2026-11-23T10:00:01Z',
  'time(2020-01-01T00:00:00Z)',
])('a holder cannot change the expiry with %s', async (source) => {
  expect(await expires(appendSource(mintToken(), `${source};`))).toBe(at(300) / 1000);
});
