import { describe, expect, test } from 'vitest';
import type { FlowGate } from '../../../src/audit/calls/index.ts';
import { parseCatalogue } from '../../../src/catalogue/index.ts';
import { FamilyLabels, flowOf } from '../../../src/labels/index.ts';
import { ok } from '../../../src/result.ts';
import type { Tier } from '../../../src/verifier/index.ts';

const CATALOGUE = `
[[flow]]
when = ["private"]
leaving = "deny"
exceptSameOwner = true
reason = "mail of clients stays here"

[[tool]]
name = "mcp/mail/read"
action = "read"
tier = 1
arguments = ["id"]
datasets = [{ fixed = "mail" }]
answer = { labels = ["private", "html"] }

[[tool]]
name = "mcp/mail/send"
action = "write"
tier = 3
arguments = ["to", "text"]
datasets = [{ fixed = "mail" }]
leaves = true
[[tool.sink]]
argument = "/to"
kind = "email"
sameOwner = ["*@example.com"]

[[tool]]
name = "mcp/mail/count"
action = "read"
tier = 1
arguments = []
datasets = [{ fixed = "mail" }]
`;
/** Labels last for an hour by one rule, and for two by another. */
const LASTING = `${CATALOGUE.replace('leaving', 'lasts = 3600\nleaving')}
[[flow]]
when = ["private", "html"]
leaving = "ask"
lasts = 7200
reason = "a page that reads mail"
`;

function scene({ toml = CATALOGUE, mayRead = true } = {}) {
  const parsed = parseCatalogue(toml);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const catalogue = parsed.value;
  const raised: (readonly string[])[] = [];
  const lasting: (Readonly<Record<string, number>> | undefined)[] = [];
  const family = new FamilyLabels({
    raise: async ({ labels, lasts }) => {
      raised.push(labels);
      lasting.push(lasts);
      return ok(labels);
    },
  });
  const of = async (
    tool: string,
    change: {
      readonly tier?: Tier;
      readonly to?: string;
      readonly isApproved?: true;
      readonly read?: readonly string[];
    } = {},
  ) => {
    const { tier = 3, to = 'evil@evil.example', isApproved = false, read } = change;
    const grants = mayRead ? [{ tool: 'mcp/mail/read', dataset: 'mail' }] : [];
    const entry = catalogue.get(tool);
    return flowOf(
      {
        catalogue,
        call: { tool, action: entry?.action ?? 'read', dataset: 'mail', tier, args: { to } },
        evidence: { workflow: 'wf_1' },
        isApproved,
        attested: [],
        ...(read && { read }),
        reach: async () => ({ grants, ancestors: [] }),
      },
      family,
    );
  };
  return { of, raised, lasting, family };
}
const told = (...labels: string[]) => ({ labels, label: 'exact' as const });
const codeOf = (flow: FlowGate | undefined, ...labels: string[]) =>
  flow?.decide(told(...labels)).denial?.code ?? 'allowed';

describe('what labels mean for a call', () => {
  test('is nothing for a call that neither leaves nor carries a watched label', async () => {
    const { of } = scene();
    expect(await of('mcp/mail/count')).toBeUndefined();
    expect(await of('unknown')).toBeUndefined();
  });

  test('of a read: only watched labels are set, and nothing is asked', async () => {
    const { of, raised } = scene();
    const flow = await of('mcp/mail/read', { tier: 1 });
    expect([flow?.asks, flow?.decide(undefined)]).toEqual([false, {}]);
    expect(await flow?.raise()).toBe(true);
    expect(raised).toEqual([['private']]);
  });

  test('of a call that leaves: the rules of the catalogue decide', async () => {
    const { of } = scene();
    const flow = await of('mcp/mail/send');
    expect(flow?.asks).toBe(true);
    expect([codeOf(flow), codeOf(flow, 'html'), codeOf(flow, 'private')]).toEqual([
      'allowed',
      'allowed',
      'flow_denied',
    ]);
    expect(codeOf(await of('mcp/mail/send', { to: 'a@example.com' }), 'private')).toBe('allowed');
    expect(codeOf(flow, 'secret')).toBe('flow_unapproved');
    expect(codeOf(await of('mcp/mail/send', { isApproved: true }), 'secret')).toBe('allowed');
  });

  test('of a call that leaves: what this verifier has set itself counts as well', async () => {
    const { of } = scene();
    await (await of('mcp/mail/read', { tier: 1 }))?.raise();
    const flow = await of('mcp/mail/send', { tier: 2 });
    expect(flow?.decide({ labels: [], label: 'leased' })).toMatchObject({
      known: { labels: ['private'], label: 'leased' },
      denial: { code: 'flow_denied', label: 'leased' },
    });
  });

  test.each([2, 3] as const)('in tier %d, labels that were not told deny', async (tier) => {
    const flow = await scene().of('mcp/mail/send', { tier });
    expect(flow?.decide(undefined)).toEqual({ denial: { code: 'labels_unavailable' } });
  });

  test.each([0, 1] as const)('in tier %d, labels are assumed from the grants', async (tier) => {
    const flow = await scene().of('mcp/mail/send', { tier });
    expect(flow?.asks).toBe(false);
    expect(flow?.decide(undefined)).toMatchObject({
      known: { labels: ['private'], label: 'assumed' },
      denial: { code: 'flow_denied', label: 'assumed' },
    });
  });

  test.each([0, 1] as const)(
    'in tier %d, a receipt shows what another capability of the workflow has read',
    async (tier) => {
      const { of } = scene({ mayRead: false });
      expect(codeOf(await of('mcp/mail/send', { tier }))).toBe('allowed');
      const read = ['html', 'private'];
      const shown = await of('mcp/mail/send', { tier, read });
      expect(shown?.decide(undefined)).toMatchObject({
        known: { labels: ['private'], label: 'assumed' },
        denial: { code: 'flow_denied', label: 'assumed' },
      });
    },
  );

  test('labels of receipts come beside those that the issuer states, and replace none', async () => {
    const flow = await scene().of('mcp/mail/send', { read: ['private'] });
    expect(codeOf(flow)).toBe('flow_denied');
    expect(codeOf(await scene().of('mcp/mail/send', { read: [] }), 'private')).toBe('flow_denied');
    const unheard = await scene().of('mcp/mail/send', { read: ['private'] });
    expect(unheard?.decide(undefined)).toEqual({ denial: { code: 'labels_unavailable' } });
  });
});

describe('labels that last', () => {
  test('are reported with the longest time of the rules that read them', async () => {
    const { of, lasting } = scene({ toml: LASTING });
    await (await of('mcp/mail/read', { tier: 1 }))?.raise();
    expect(lasting).toEqual([{ html: 7200, private: 7200 }]);
  });

  test('are reported without a time if no rule says that they last', async () => {
    const { of, lasting } = scene();
    await (await of('mcp/mail/read', { tier: 1 }))?.raise();
    expect(lasting).toEqual([{}]);
  });

  test.each([2, 3] as const)(
    'are requested in tier %d, with those of earlier workflows',
    async (tier) => {
      const { of } = scene({ toml: LASTING, mayRead: false });
      const flow = await of('mcp/mail/send', { tier });
      expect(flow?.asks).toBe('with_earlier');
      expect([codeOf(flow), codeOf(flow, 'private')]).toEqual(['allowed', 'flow_denied']);
      expect(flow?.decide(undefined)).toEqual({ denial: { code: 'labels_unavailable' } });
    },
  );

  test.each([0, 1] as const)('are assumed in tier %d, whatever the token grants', async (tier) => {
    const lasting = await scene({ toml: LASTING, mayRead: false }).of('mcp/mail/send', { tier });
    expect(lasting?.decide(undefined)).toMatchObject({
      known: { labels: ['html', 'private'], label: 'assumed' },
      denial: { code: 'flow_denied' },
    });
    const own = await scene({ mayRead: false }).of('mcp/mail/send', { tier });
    expect(own?.decide(undefined).denial).toBeUndefined();
  });
});
