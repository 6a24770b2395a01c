import { describe, expect, test } from 'vitest';
import { parseCatalogue } from '../../../src/catalogue/index.ts';
import { outgoingFault } from '../../../src/labels/outgoing-url.ts';

const toml = (rest = '') => `
[[tool]]
name = "mcp/web/fetch"
action = "read"
tier = 1
arguments = ["url", "format"]
datasets = [{ argument = "/url", under = "web", names = "url" }]
leaves = true
[[tool.sink]]
argument = "/url"
kind = "url"
${rest}`;
const LISTED = `url = { hosts = ["docs.example.com", "xn--bcher-kva.example"], segments = ["guides", "start", "été", "v1.2"] }`;
const toolOf = (rest?: string) => {
  const parsed = parseCatalogue(toml(rest));
  const tool = parsed.ok ? parsed.value.get('mcp/web/fetch') : undefined;
  if (!tool) throw new Error(JSON.stringify(parsed));
  return tool;
};
const grant = (dataset: string, tool = 'mcp/web/fetch') => ({ tool, dataset });
const WHOLE = { grants: [grant('web')], attested: [] };
const faultOf = (url: unknown, sources: Parameters<typeof outgoingFault>[2] = WHOLE) =>
  outgoingFault(toolOf(LISTED), { url: url as string }, sources)?.why ?? 'allowed';

describe('a read that leaves', () => {
  test.each([
    'https://docs.example.com',
    'https://docs.example.com/',
    'http://docs.example.com/guides',
    'https://docs.example.com/guides/start/',
    'https://docs.example.com/guides/%C3%A9t%C3%A9',
    'https://docs.example.com/v1.2/start',
    'https://xn--bcher-kva.example/guides',
  ])('requests what the catalogue lists: %s', (url) => {
    expect(faultOf(url)).toBe('allowed');
  });

  test.each([
    // What the host would learn.
    'https://docs.example.com/?q=secret',
    'https://docs.example.com?',
    'https://docs.example.com/guides?',
    'https://docs.example.com/guides#secret',
    'https://docs.example.com/#',
    'https://secret@docs.example.com/',
    'https://user:secret@docs.example.com/guides',
    'https://docs.example.com:8443/guides',
    'https://docs.example.com:443/guides',
    'https://docs.example.com/secret',
    'https://docs.example.com/guides/secret',
    'https://docs.example.com/Guides',
    'https://docs.example.com/g%75ides',
    'https://docs.example.com/%67uides',
    'https://docs.example.com/guides;secret',
    'https://docs.example.com/guides,secret',
    'https://docs.example.com/guides%2Fstart',
    'https://docs.example.com/guides%252Fstart',
    'https://docs.example.com//guides',
    'https://docs.example.com/guides//start',
    'https://docs.example.com/guides/../secret',
    'https://docs.example.com/./guides',
    'https://docs.example.com/%2e%2e/guides',
    'https://docs.example.com/guides\\start',
    'https://docs.example.com\\guides',
    'https://docs.example.com/gui\ndes',
    'https://docs.example.com/guides ',
    ' https://docs.example.com/guides',
    'https://docs.example.com/\u200bguides',
    'https://docs.example.com/\ud800',
    'https://docs.example.com/%C3%28',
    'https://docs.example.com/été', // As text: not in its sent form.
    'https://docs.example.com/e%CC%81t%C3%A9', // Another normal form.
    // Other hosts, and other spellings of this one.
    'https://evil.example/guides',
    'https://docs.example.com.evil.example/guides',
    'https://evildocs.example.com/guides',
    'https://secret.docs.example.com/guides',
    'https://docs.example.com./guides',
    'https://DOCS.example.com/guides',
    'HTTPS://docs.example.com/guides',
    'https://docs.example.com@evil.example/guides',
    'https://evil.example/docs.example.com',
    'https://d\u043ecs.example.com/guides', // A Cyrillic letter.
    'https://docs\u3002example.com/guides', // A full stop that URL parsers fold.
    'https://docs%2eexample.com/guides',
    'https://bücher.example/guides',
    'https://127.0.0.1/guides',
    'https://2130706433/guides',
    'https://0x7f.1/guides',
    'https://0177.0.0.1/guides',
    'https://[::1]/guides',
    'https://[::ffff:127.0.0.1]/guides',
    'https://localhost/guides',
    // No such URL at all.
    'docs.example.com/guides',
    '//docs.example.com/guides',
    'https:/docs.example.com/guides',
    'https:docs.example.com/guides',
    'ftp://docs.example.com/guides',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/plain,secret',
    '',
    null,
    7,
    true,
    { href: 'https://docs.example.com/' },
    ['https://docs.example.com/', 'https://evil.example/'],
  ])('requests nothing else: %j', (url) => {
    expect(faultOf(url)).not.toBe('allowed');
  });

  test('requests nothing if the catalogue lists no host and the grant is on everything', () => {
    const args = { url: 'https://docs.example.com/' };
    expect(outgoingFault(toolOf(), args, WHOLE)).toEqual({
      pointer: '/url',
      why: 'a host that neither the catalogue nor a grant lists',
    });
  });

  test('requests the hosts and segments that its grants name', () => {
    const granted = { grants: [grant('web/other.example/a/b')], attested: [] };
    expect(faultOf('https://other.example/a/b', granted)).toBe('allowed');
    expect(faultOf('https://other.example/a/guides', granted)).toBe('allowed');
    expect(faultOf('https://other.example/a/c', granted)).toMatch('a segment');
    const foreign = { grants: [grant('web/other.example/a', 'mcp/web/other')], attested: [] };
    expect(faultOf('https://other.example/a', foreign)).toMatch('a host');
  });

  test('requests a URL that is attested as a whole, in its plain form only', () => {
    const attested = [
      'https://news.example/2026/item',
      'https://news.example/?q=1',
      'https://a@news.example/',
    ];
    const sources = { ...WHOLE, attested };
    expect(faultOf(attested[0], sources)).toBe('allowed');
    expect(faultOf('https://news.example/2026', sources)).toMatch('a host');
    expect(faultOf(attested[1], sources)).toMatch('no query');
    expect(faultOf(attested[2], sources)).toMatch('no query');
  });

  test('requests a path with a segment that is attested, such as an id', () => {
    const sources = { ...WHOLE, attested: ['4711', 'a/b'] };
    expect(faultOf('https://docs.example.com/guides/4711', sources)).toBe('allowed');
    expect(faultOf('https://docs.example.com/guides/4712', sources)).toMatch('a segment');
    expect(faultOf('https://docs.example.com/a/b', sources)).toMatch('a segment');
  });

  test('is not bounded in arguments that are no URL, nor if it does not leave', () => {
    const tool = toolOf(LISTED);
    const args = { url: 'https://docs.example.com/', format: 'https://evil.example/?q=secret' };
    expect(outgoingFault(tool, args, WHOLE)).toBeUndefined();
    expect(outgoingFault(tool, {}, WHOLE)).toBeUndefined();
    const { leaves: _, ...staying } = tool;
    expect(outgoingFault(staying, { url: 'https://evil.example/' }, WHOLE)).toBeUndefined();
  });
});

describe('the bounds of URLs in a catalogue', () => {
  const whyOf = (rest: string) => {
    const parsed = parseCatalogue(toml(rest));
    return !parsed.ok && parsed.error.code === 'catalogue_invalid' ? parsed.error.where : parsed.ok;
  };

  test.each([
    ['url = { hosts = [] }', 'tool.0.sink.0.url.hosts'],
    ['url = { hosts = ["*.example.com"] }', 'tool.0.sink.0.url.hosts.0'],
    ['url = { hosts = ["Docs.example.com"] }', 'tool.0.sink.0.url.hosts.0'],
    ['url = { hosts = ["docs.example.com:80"] }', 'tool.0.sink.0.url.hosts.0'],
    ['url = { hosts = ["0x7f.1"] }', 'tool.0.sink.0.url.hosts.0'],
    ['url = { hosts = ["localhost"] }', 'tool.0.sink.0.url.hosts.0'],
    ['url = { segments = ["a/b"] }', 'tool.0.sink.0.url.segments.0'],
    ['url = { segments = [".."] }', 'tool.0.sink.0.url.segments.0'],
    ['url = { segments = ["a%20b"] }', 'tool.0.sink.0.url.segments.0'],
    ['url = { paths = ["/"] }', 'tool.0.sink.0.url.paths'],
  ])('are strict: %s', (rest, where) => {
    expect(whyOf(rest)).toBe(where);
  });

  test('are only for the kind url of a read that leaves', () => {
    const parsed = parseCatalogue(toml(LISTED).replace('kind = "url"', 'kind = "link"'));
    expect(parsed).toMatchObject({ error: { where: 'tool.0.sink.0.url' } });
    const staying = parseCatalogue(toml(LISTED).replace('leaves = true', ''));
    expect(staying).toMatchObject({ error: { where: 'tool.0.sink.0.url' } });
  });
});
