import { describe, expect, test } from 'vitest';
import {
  findCatalogueFaults,
  lintCatalogue,
  parseCatalogue,
} from '../../../src/catalogue/index.ts';

const READ = `
[[tool]]
name = "mcp/mail/contacts"
action = "read"
tier = 1
arguments = ["query"]
datasets = [{ fixed = "mail/contacts" }]
`;
const FIELD = `
[[tool.field]]
pointer = "/*/address"
kind = "email"
by = "own"
reason = "the holder has entered each contact"
`;
const write = (name: string, rest: string, dataset = 'mail/outbox') => `
[[tool]]
name = "mcp/mail/${name}"
action = "write"
tier = 2
arguments = ["to", "cc", "note"]
datasets = [{ fixed = "${dataset}" }]
${rest}`;
const sink = (argument: string, rest = '') => `
[[tool.sink]]
argument = "${argument}"
kind = "email"
${rest}`;

/** A list of different hosts, each of which is also a destination and a segment of a path. */
const texts = (length: number) =>
  JSON.stringify(Array.from({ length }, (_, i) => `host-${i}.example`));
const faults = (toml: string) => findCatalogueFaults(toml).map(({ where, why }) => [where, why]);
const parsed = (toml: string) => {
  const catalogue = parseCatalogue(toml);
  if (!catalogue.ok) throw new Error(JSON.stringify(catalogue.error));
  return catalogue.value;
};
const warnings = (toml: string) => lintCatalogue(parsed(toml)).map(({ why }) => why);

describe('marks of a catalogue', () => {
  test('a marked sink is a sink, beside those that are only listed', () => {
    const toml = write(
      'send',
      `sinks = ["/cc/*"]${sink('/to/*')}${sink('/cc/*', 'optional = true')}`,
    );
    expect(parsed(toml).get('mcp/mail/send')?.sinks).toEqual(['/cc/*', '/to/*']);
  });

  test('a write with marked sinks needs no list of sinks', () => {
    expect(faults(write('send', sink('/to/*')))).toEqual([]);
    expect(faults(write('send', ''))).toMatchObject([['tool.0.sinks', /missing/]]);
  });

  test.each([
    [sink('/elsewhere'), 'tool.0.sink.0.argument', 'not one of the listed arguments'],
    [sink('/to/*') + sink('/to/*'), 'tool.0.sink.1.argument', 'appears twice'],
    [sink('/to/*', 'takes = ["own", "own"]'), 'tool.0.sink.0.takes', 'has one twice'],
    [sink('/to/*', 'takes = ["friends"]'), 'tool.0.sink.0.takes.0', /Allowed: .*prompt/],
    [sink('/to/*', 'safe = []'), 'tool.0.sink.0.safe', /length/],
    [sink('/to/*', 'safe2 = ["a"]'), 'tool.0.sink.0.safe2', /unknown key/],
    [sink('/to/*', `sameOwner = ${texts(33)}`), 'tool.0.sink.0.sameOwner', /length.*32/],
    [sink('/to/*', `url = { hosts = ${texts(33)} }`), 'tool.0.sink.0.url.hosts', /length.*32/],
    [
      sink('/to/*', `url = { segments = ${texts(257)} }`),
      'tool.0.sink.0.url.segments',
      /length.*256/,
    ],
    [sink('/to/*').replace('"email"', '"E Mail"'), 'tool.0.sink.0.kind', /lower-case word/],
    [`secret = true${sink('/to/*')}`, 'tool.0.secret', 'only what is read can be secret'],
  ])('a wrong mark is a fault with its place: %s', (marks, where, why) => {
    const [found] = faults(write('send', marks));
    expect(found?.[0]).toBe(where);
    expect(found?.[1]).toMatch(why);
  });

  test.each([
    ['reason = "the holder has entered each contact"', 'reason = " "', /reason is required/],
    [
      'reason = "the holder has entered each contact"',
      `reason = "${'ä'.repeat(129)}"`,
      /over 256 bytes/,
    ],
    ['by = "own"', 'by = "friend"', /Allowed: self, own, server, peer/],
    ['pointer = "/*/address"', 'pointer = "address"', /RFC 6901/],
  ])('a field needs an author, a place and a reason: %s', (written, instead, why) => {
    expect(faults(READ + FIELD.replace(written, instead))[0]?.[1]).toMatch(why);
    expect(faults(READ + FIELD + FIELD)).toEqual([['tool.0.field.1.pointer', 'appears twice']]);
  });
});

describe('the lint of a catalogue', () => {
  test('finds nothing in a catalogue whose writes name what they do', () => {
    expect(warnings(READ + FIELD + write('send', sink('/to/*')))).toEqual([]);
  });

  test('finds a write without an argument that every call names', () => {
    const why = /no argument of every call is a sink/;
    expect(warnings(write('send', 'sinks = []'))).toEqual([expect.stringMatching(why)]);
    expect(warnings(write('send', sink('/cc/*', 'optional = true')))).toEqual([
      expect.stringMatching(why),
    ]);
  });

  test('takes the argument that names the dataset for one that names the write', () => {
    const toml = write('put', 'sinks = []').replace(
      '{ fixed = "mail/outbox" }',
      '{ argument = "/to", under = "mail" }',
    );
    expect(warnings(toml.replace('sinks = []', 'sinks = ["/to"]'))).toEqual([]);
  });

  test('finds an argument that can come back as a marked field', () => {
    const adds = write('add_contact', sink('/to').replace('email', 'name'), 'mail/contacts');
    expect(warnings(READ + FIELD + adds)).toEqual([
      'cc, note are no sink, and may come back as /*/address of mcp/mail/contacts',
    ]);
    const named = write('add_contact', sink('/to'), 'mail/contacts').replaceAll('cc', 'address');
    expect(warnings(READ + FIELD + named)).toEqual([
      'address is no sink, and may come back as /*/address of mcp/mail/contacts',
    ]);
    expect(warnings(READ + FIELD + write('add_contact', sink('/to'), 'mail/contacts'))).toEqual([]);
  });

  test('finds a sink that takes what any stranger can send', () => {
    expect(warnings(write('send', sink('/to/*', 'takes = ["peer"]')))).toEqual([
      '/to/* takes "peer": any stranger is one; write "peer named"',
    ]);
    expect(warnings(write('send', sink('/to/*', 'takes = ["peer named"]')))).toEqual([]);
  });

  test('finds a field that may repeat an argument of the same read', () => {
    expect(warnings(READ + FIELD.replace('/*/address', '/*/query'))).toEqual([
      'the field /*/query may repeat the argument query, which the caller chooses',
    ]);
  });
});
