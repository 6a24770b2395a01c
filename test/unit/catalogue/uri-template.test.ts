import { describe, expect, test } from 'vitest';
import { matchUri, readUriTemplate } from '../../../src/catalogue/offers/uri-template.ts';

const match = (template: string, uri: string) => {
  const read = readUriTemplate(template);
  if (!read.ok) throw new Error(read.error);
  return matchUri(read.value, uri);
};

describe('a URI template', () => {
  test.each([
    ['notes://{folder}/{id}', 'notes://reports/q3', { folder: 'reports', id: 'q3' }],
    ['notes://{folder}/{id}', 'notes://a/b%20c', { folder: 'a', id: 'b c' }],
    ['notes://{id}', 'notes://%E2%82%AC', { id: '€' }],
    ['notes://page.{id}', 'notes://page.7', { id: '7' }],
    ['notes:{id}?full', 'notes:7?full', { id: '7' }],
    ['notes://fixed/text', 'notes://fixed/text', {}],
    ['file:///{+path}', 'file:///a/b%20c/d.md', { path: 'a/b c/d.md' }],
    ['files:{+path}', 'files:/a/b', { path: '/a/b' }],
    ['db:{+rest}', 'db:a:b=c,d@e', { rest: 'a:b=c,d@e' }],
  ])('%s has the URI %s', (template, uri, values) => {
    expect(match(template, uri)).toEqual(values);
  });

  test.each([
    ['another scheme in upper case', 'NOTES://reports/q3'],
    ['fixed text in another case', 'notes://reports/Q3/raw'],
    ['an encoded letter', 'notes://%72eports/q3'],
    ['a lower-case encoding', 'notes://%c3%a4/q3'],
    ['an encoded slash', 'notes://reports%2Fsalaries/q3'],
    ['an encoded percent sign', 'notes://reports%252Fsalaries/q3'],
    ['an encoded backslash', 'notes://reports%5Csalaries/q3'],
    ['an encoded question mark', 'notes://reports/q3%3Fall'],
    ['an encoded number sign', 'notes://reports/q3%23all'],
    ['an encoded NUL', 'notes://reports/q3%00'],
    ['an encoded line break', 'notes://reports/q3%0A'],
    ['a line break at the end', 'notes://reports/q3\n'],
    ['a dot segment', 'notes://reports/..'],
    ['an encoded dot segment', 'notes://reports/%2e%2e'],
    ['a dot segment in the host', 'notes://../q3'],
    ['one segment more', 'notes://reports/q3/x'],
    ['one segment less', 'notes://reports'],
    ['an empty value', 'notes:///q3'],
    ['a query', 'notes://reports/q3?x=1'],
    ['a fragment', 'notes://reports/q3#x'],
    ['a user', 'notes://reports@evil/q3'],
    ['a port', 'notes://reports:80/q3'],
    ['a path parameter', 'notes://reports;x/q3'],
    ['a letter that is not encoded', 'notes://repörts/q3'],
    ['a decomposed letter', 'notes://repo%CC%88rts/q3'],
    ['an invisible character', 'notes://reports%E2%80%8B/q3'],
    ['bytes that are not UTF-8', 'notes://%FF/q3'],
    ['an overlong slash', 'notes://%C0%AF/q3'],
    ['an incomplete encoding', 'notes://%4/q3'],
    ['a space', 'notes://reports /q3'],
    ['a tab before it', '\tnotes://reports/q3'],
    ['more than a URI may have', `notes://reports/${'q'.repeat(3_000)}`],
  ])('does not have a URI with %s', (_, uri) => {
    expect(match('notes://{folder}/{id}', uri)).toBeUndefined();
  });

  test.each([
    ['a parent', 'files:///a/../b'],
    ['the folder itself', 'files:///a/./b'],
    ['an empty segment', 'files:///a//b'],
    ['a slash at the end', 'files:///a/'],
    ['an absolute path in it', 'files:////etc'],
    ['an encoded slash', 'files:///a%2Fb'],
    ['an encoded character that it may have', 'files:///a%3Ab'],
    ['a semicolon', 'files:///a;b'],
    ['an encoded semicolon', 'files:///a%3Bb'],
    ['a query', 'files:///a?b'],
  ])('with a path does not have a URI with %s', (_, uri) => {
    expect(match('files:///{+path}', uri)).toBeUndefined();
  });

  test.each([
    ['', 'has no scheme'],
    ['{scheme}://x', 'begins with a variable'],
    ['Notes://{id}', 'has a scheme in upper case'],
    ['notes://{a}{b}', 'has two variables side by side'],
    ['notes://{a}-{b}', 'separates variables by what a value may have'],
    ['notes://{a}/{a}', 'has a variable twice'],
    ['notes://{+a}/x', 'has a path before its end'],
    ['notes://{?q}', 'has another expression'],
    ['notes://{a,b}', 'has two variables in an expression'],
    ['notes://{a:3}', 'cuts a value'],
    ['notes://{a*}', 'explodes a value'],
    ['notes://{a', 'has an open brace'],
    ['notes://a}', 'has a closing brace'],
    ['notes://a/../{b}', 'has a dot segment'],
    ['notes://a%20b', 'has encoded text'],
    ['notes://ä', 'has text that is not ASCII'],
    ['https://{host}/x', 'leaves the host of a URL open'],
    ['file://{host}/x', 'leaves the host of a file open'],
    ['file://{+path}', 'leaves the host of a path open'],
  ])('%j is refused: it %s', (template) => {
    expect(readUriTemplate(template).ok).toBe(false);
  });

  test('escapes its fixed text in expressions', () => {
    expect(match('notes://a.b+c/{id}', 'notes://axb+c/1')).toBeUndefined();
    expect(match('notes://a.b+c/(x)[y]$/{id}', 'notes://a.b+c/(x)[y]$/1')).toEqual({ id: '1' });
  });
});
