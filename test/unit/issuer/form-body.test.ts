import { expect, test } from 'vitest';
import {
  FORM_PARAMETERS_MAX,
  parseForm,
  readForm,
} from '../../../workers/issuer/platform/form-body.ts';

const names = (count: number) => Array.from({ length: count }, (_, i) => `p${i}=`).join('&');

test('a form of as many parameters as a request may have is read', () => {
  const form = parseForm(names(FORM_PARAMETERS_MAX));
  expect(form.ok && [...form.value.keys()]).toHaveLength(FORM_PARAMETERS_MAX);
});

test.each([
  ['distinct names', names(FORM_PARAMETERS_MAX + 1)],
  ['one name', 'a=1&'.repeat(FORM_PARAMETERS_MAX)],
  ['empty pairs', '&'.repeat(FORM_PARAMETERS_MAX)],
])('a stranger cannot make the issuer look through more of %s', (_, text) => {
  expect(parseForm(text)).toEqual({ ok: false, error: { code: 'too_many_parameters' } });
});

test('64 KiB of parameters are refused by their number alone', async () => {
  const request = new Request('https://issuer.example/token', {
    method: 'POST',
    body: names(20_000).slice(0, 64 * 1024),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  expect(await readForm(request)).toEqual({ ok: false, error: { code: 'too_many_parameters' } });
});
