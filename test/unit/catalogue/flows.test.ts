import { describe, expect, test } from 'vitest';
import {
  findCatalogueFaults,
  lintCatalogue,
  parseCatalogue,
  toolDifferences,
} from '../../../src/catalogue/index.ts';

const tool = (name: string, rest = '', tier = 3) => `
[[tool]]
name = "mcp/mail/${name}"
action = "read"
tier = ${tier}
arguments = ["to", "text"]
datasets = [{ fixed = "mail" }]
${rest}`;
const flow = (rest: string) => `
[[flow]]
when = ["private"]
leaving = "deny"
reason = "mail of clients stays here"
${rest}`;

const labels = (length: number) => JSON.stringify(Array.from({ length }, (_, i) => `l${i}`));
const faults = (toml: string) => findCatalogueFaults(toml).map(({ where, why }) => [where, why]);
const parsed = (toml: string) => {
  const catalogue = parseCatalogue(toml);
  if (!catalogue.ok) throw new Error(JSON.stringify(catalogue.error));
  return catalogue.value;
};
const SECRETS = { when: ['secret'], leaving: 'ask' };
const PRIVATE = { when: ['private'], leaving: 'deny', reason: 'mail of clients stays here' };

describe('flows of a catalogue', () => {
  test('hold for every tool that leaves, and for no other', () => {
    const catalogue = parsed(`${flow('')}${tool('send', 'leaves = true')}${tool('read')}`);
    expect(catalogue.get('mcp/mail/send')?.flow).toMatchObject([PRIVATE, SECRETS]);
    expect(catalogue.get('mcp/mail/read')?.flow).toBeUndefined();
  });

  test('of one tool come before those of all', () => {
    const own = '[[tool.flow]]\nwhen = ["hr"]\nleaving = "ask"\nreason = "people files"\n';
    const catalogue = parsed(`${flow('')}${tool('send', `leaves = true\n${own}`)}`);
    expect(catalogue.get('mcp/mail/send')?.flow).toMatchObject([
      { when: ['hr'], leaving: 'ask' },
      PRIVATE,
      SECRETS,
    ]);
  });

  test('ask about secrets by default, unless the file has a rule for secrets', () => {
    const stated = flow('').replace('"private"', '"secret"');
    const leaving = tool('send', 'leaves = true');
    expect(parsed(leaving).get('mcp/mail/send')?.flow).toMatchObject([SECRETS]);
    expect(parsed(stated + leaving).get('mcp/mail/send')?.flow).toMatchObject([
      { when: ['secret'], leaving: 'deny' },
    ]);
    // A rule that needs another label as well does not replace it.
    const both = flow('').replace('"private"', '"private", "secret"');
    expect(parsed(both + leaving).get('mcp/mail/send')?.flow).toHaveLength(2);
  });

  test('labels of datasets hold for every tool, each dataset once', () => {
    const labelled = '[[labelled]]\ndataset = "mail/hr"\nlabels = ["private"]\n';
    const own = 'labelled = [{ dataset = "mail/hr", labels = ["hr"] }]';
    const catalogue = parsed(`${labelled}${tool('a', own)}${tool('b')}`);
    expect(catalogue.get('mcp/mail/a')?.labelled).toEqual([
      { dataset: 'mail/hr', labels: ['hr', 'private'] },
    ]);
    expect(catalogue.get('mcp/mail/b')?.labelled).toEqual([
      { dataset: 'mail/hr', labels: ['private'] },
    ]);
  });

  test('any entry can have labels, and only a tool of MCP other bounds of its answers', () => {
    const http = tool('x').replace('mcp/mail/x', 'http/mail/x').replace('"to", "text"', '');
    const route = '[tool.route]\nserver = "mail"\nmethods = ["GET"]\npath = "/mail"\n';
    expect(faults(`${http}answer = { labels = ["private"] }\n${route}`)).toEqual([]);
    const bounded = faults(`${http}answer = { labels = ["private"], bytes = 9 }\n${route}`);
    expect(bounded.map(([where]) => where)).toEqual(['tool.0.route', 'tool.0.answer']);
  });

  test.each([
    [flow('then = "deny"'), 'flow.0.then', /unknown key. Allowed: when, leaving/],
    [flow('').replace('"deny"', '"allow"'), 'flow.0.leaving', /Allowed: ask, deny/],
    [flow('').replace('["private"]', '[]'), 'flow.0.when', /length/],
    [flow('').replace('"private"', '"a b"'), 'flow.0.when.0', 'not a label'],
    [flow('').replace('"private"', '"a", "a"'), 'flow.0.when', 'has one twice'],
    [flow('').replace(/reason.*/, 'reason = " "'), 'flow.0.reason', 'a reason is required'],
    [flow('exceptSameOwner = false'), 'flow.0.exceptSameOwner', /true/],
    [flow('lasts = 0'), 'flow.0.lasts', /whole number of seconds from 1 to 2678400/],
    [flow('lasts = 2678401'), 'flow.0.lasts', /whole number of seconds/],
    [flow('lasts = "2h"'), 'flow.0.lasts', /whole number of seconds/],
    ['[[labelled]]\ndataset = "a//b"\nlabels = ["x"]\n', 'labelled.0.dataset', /segment/],
    ['[[labelled]]\ndataset = "a"\nlabels = []\n', 'labelled.0.labels', /length/],
    [flow('').repeat(17), 'flow', /length.*16/],
    [flow('').replace('["private"]', labels(5)), 'flow.0.when', /length.*4/],
    ['[[labelled]]\ndataset = "a"\nlabels = ["x"]\n'.repeat(65), 'labelled', /length.*64/],
    [`[[labelled]]\ndataset = "a"\nlabels = ${labels(17)}\n`, 'labelled.0.labels', /length.*16/],
    ['[[flows]]\n', 'flows', /Allowed: tool, flow, labelled/],
  ])('a wrong rule is a fault with its place: %s', (stated, where, why) => {
    const [found] = faults(stated + tool('send', 'leaves = true'));
    expect(found?.[0]).toBe(where);
    expect(found?.[1]).toMatch(why);
  });

  test('a fault has the line of its table', () => {
    const [found] = findCatalogueFaults(`${tool('send')}${flow('').replace('"deny"', '"no"')}`);
    expect(found?.line).toBe(11);
  });

  test('a rule on a tool that does not leave is a fault', () => {
    const own = '[[tool.flow]]\nwhen = ["hr"]\nleaving = "ask"\nreason = "people files"\n';
    expect(faults(tool('send', own))).toEqual([
      ['tool.0.flow', 'is only for a tool with leaves = true'],
    ]);
  });

  test.each(['*', '*ple.com', '*@', '*.com', '@example.com', 'a,*@example.com', '*@*.com'])(
    'a destination of the owner is not as wide as %s',
    (stated) => {
      const sink = `[[tool.sink]]\nargument = "/to"\nkind = "email"\nsameOwner = ["${stated}"]\n`;
      expect(faults(tool('send', `leaves = true\n${sink}`))).toHaveLength(1);
    },
  );

  test('two catalogues differ by their rules', () => {
    const of = (toml: string) => parsed(toml).get('mcp/mail/send');
    const leaving = tool('send', 'leaves = true');
    expect(toolDifferences(of(tool('send')), of(leaving))).toEqual([
      'its calls can carry data away now',
      'other rules on what it may do after labelled reads',
    ]);
    expect(toolDifferences(of(leaving), of(flow('') + leaving))).toEqual([
      'other rules on what it may do after labelled reads',
    ]);
  });
});

describe('the lint of flows', () => {
  const warnings = (toml: string) => lintCatalogue(parsed(toml)).map(({ why }) => why);
  const read = tool('read', 'answer = { labels = ["private"] }');

  test('has nothing to say about a whole catalogue', () => {
    expect(warnings(flow('') + read + tool('send', 'leaves = true'))).toEqual([]);
  });

  test('names a label that no tool carries', () => {
    expect(warnings(flow('') + tool('send', 'leaves = true'))).toEqual([
      'a flow reads the label private, which no tool carries',
    ]);
  });

  test('names a way out whose labels are only assumed', () => {
    expect(warnings(flow('') + read + tool('send', 'leaves = true', 1))).toEqual([
      expect.stringContaining('only assumed from its grants'),
    ]);
  });

  test('names an exception for the same owner that no sink states', () => {
    const stated = flow('exceptSameOwner = true') + read;
    expect(warnings(stated + tool('send', 'leaves = true'))).toEqual([
      'a flow excepts the same owner, and no sink states sameOwner',
    ]);
  });

  test('names a read whose URLs are not bounded', () => {
    const sink = '[[tool.sink]]\nargument = "/to"\nkind = "url"\n';
    expect(warnings(tool('fetch', sink))).toEqual([
      expect.stringContaining('its URLs are not bounded'),
    ]);
    expect(warnings(tool('fetch', `leaves = true\n${sink}`))).toEqual([]);
  });

  test('names a secret that nothing keeps', () => {
    expect(warnings(tool('passport', 'secret = true'))).toEqual([
      expect.stringContaining('nothing keeps them here'),
    ]);
    expect(warnings(tool('passport', 'secret = true') + tool('send', 'leaves = true'))).toEqual([]);
  });

  test('names a write whose dataset another tool reads without a label', () => {
    const kept = flow('') + read + tool('send', 'leaves = true');
    const files = (name: string, action: string, rest = '') =>
      tool(name, rest)
        .replace(/action = "\w+"/, `action = "${action}"`)
        .replace('fixed = "mail"', 'fixed = "files/shared"');
    const both = files('save', 'write', 'sinks = []') + files('open', 'read');
    const unlabelled = (toml: string) =>
      warnings(toml).filter((why) => why.includes('without the labels'));
    expect(unlabelled(kept + both)).toEqual([
      'what it writes to files/shared, mcp/mail/open reads without the labels of the writer: label the dataset, or mark the tool with leaves',
    ]);
    const labelled = '[[labelled]]\ndataset = "files"\nlabels = ["private"]\n';
    expect(unlabelled(labelled + kept + both)).toEqual([]);
    expect(unlabelled(kept + both.replace('sinks = []', 'sinks = []\nleaves = true'))).toEqual([]);
    expect(unlabelled(read + both)).toEqual([]);
  });
});
