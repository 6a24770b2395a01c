import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Catalogue, parseCatalogue, tools } from '../../../src/catalogue/index.ts';
import { readCases } from '../../../src/cli/policy/cases.ts';
import { runCase } from '../../../src/cli/policy/test.ts';
import { loadPolicy, type Policy, type PolicyInput } from '../../../src/policy/index.ts';
import { draftCases, draftPolicy, renderDraftedPolicy } from '../../../src/policy-draft/index.ts';
import { unwrap } from '../fixtures/issuer.ts';

const AGENT = { issuerName: 'login', subject: 'assistant' };
const OPTIONS = {
  agent: AGENT,
  userIssuer: 'login',
  owner: 'team:notes',
  lifetimeSeconds: 300,
};
const AT = { audience: 'https://gateway.example', time: new Date('2026-11-23T10:00:00Z') };

const MAIL = unwrap(
  parseCatalogue(`
[[tool]]
name = "mcp/mail/search"
action = "read"
tier = 1
arguments = ["query"]
datasets = [{ fixed = "mail" }]

[[tool]]
name = "mcp/mail/read_recovery_codes"
action = "read"
tier = 1
arguments = []
datasets = [{ fixed = "mail/codes" }]
secret = true

[[tool]]
name = "mcp/mail/send"
action = "write"
tier = 3
arguments = ["to", "body"]
datasets = [{ fixed = "mail" }]
sinks = ["/to/*"]

[[tool]]
name = "mcp/mail/remove"
action = "delete"
tier = 3
arguments = ["folder"]
datasets = [{ argument = "/folder", under = "mail" }]
sinks = ["/folder"]

[[tool]]
name = "mcp/mail/run_rule"
action = "execute"
tier = 3
arguments = ["rule"]
datasets = [{ fixed = "mail" }]
sinks = ["/rule"]
`),
);

const ORDER = `
[[tool]]
name = "mcp/shop/order"
action = "write"
tier = 3
arguments = ["items", "copies"]
datasets = [{ fixed = "shop" }]
sinks = ["/items/*/to"]

[[tool.sink]]
argument = "/copies/*/to"
kind = "email"
optional = true
`;

const BANK = `
[[tool]]
name = "mcp/bank/orders"
action = "read"
tier = 1
arguments = []
datasets = [{ fixed = "bank" }]

[[tool.field]]
pointer = "/*/payee"
kind = "iban"
by = "own"
reason = "payees of the holder"

[[tool.field]]
pointer = "/*/sender"
kind = "iban"
by = "peer"
reason = "anyone who sent money"

[[tool.field]]
pointer = "/*/id"
kind = "order"
by = "own"
reason = "orders of the holder"

[[tool]]
name = "mcp/bank/pay"
action = "write"
tier = 3
arguments = ["to", "note"]
datasets = [{ fixed = "bank" }]

[[tool.sink]]
argument = "/to"
kind = "iban"
takes = ["self", "own", "peer named", "prompt", "approved"]
safe = ["CH1"]

[[tool.sink]]
argument = "/note"
kind = "note"
optional = true
`;

const FILES = [
  'policy/tools.toml',
  'templates/mcp/catalogue/tools.toml',
  'templates/api/catalogue/tools.toml',
  'bench/attacks/catalogues/banking.toml',
  'bench/attacks/catalogues/travel.toml',
  'bench/attacks/desk/desk.toml',
];
const CATALOGUES: readonly (readonly [string, Catalogue])[] = [
  ['mail', MAIL],
  ...FILES.map((file) => [file, unwrap(parseCatalogue(readFileSync(file, 'utf8')))] as const),
];

const textOf = (catalogue: Catalogue): string =>
  renderDraftedPolicy(draftPolicy(catalogue, OPTIONS));
const drafted = (catalogue: Catalogue): Policy =>
  unwrap(loadPolicy([{ name: 'draft.datalog', source: textOf(catalogue) }], catalogue));

const INPUT: PolicyInput = {
  workload: AGENT,
  user: { issuerName: 'login', subject: 'alice' },
  task: 'any',
  audience: AT.audience,
  now: AT.time,
  requests: [],
};
const LATER: Partial<PolicyInput> = { stepUp: true };

type Request = PolicyInput['requests'][number];
const SEARCH: Request = { tool: 'mcp/mail/search', action: 'read', dataset: 'mail/inbox' };
const CODES: Request = {
  tool: 'mcp/mail/read_recovery_codes',
  action: 'read',
  dataset: 'mail/codes',
};
const SEND: Request = { tool: 'mcp/mail/send', action: 'write', dataset: 'mail' };
const PINNED: Request = {
  ...SEND,
  constraints: { arguments: ['to', 'body'], constraints: { '/to': { subsetOf: ['a@b.c'] } } },
};
const REMOVE: Request = { tool: 'mcp/mail/remove', action: 'delete', dataset: 'mail/drafts' };

function decide(request: Request, input: Partial<PolicyInput> = {}): string {
  const decision = drafted(MAIL).decide({ ...INPUT, ...input, requests: [request] });
  const [refused] = decision.refused;
  if (refused) return refused.code;
  return decision.approvalRequired ? 'asked' : 'granted';
}

describe.each(CATALOGUES)('the draft for the catalogue %s', (_, catalogue) => {
  test('loads without a warning', () => {
    expect(drafted(catalogue).warnings).toEqual([]);
  });

  test('passes the cases that are drafted with it', () => {
    const policy = drafted(catalogue);
    const cases = unwrap(readCases(draftCases(catalogue, policy, { ...OPTIONS, ...AT })));
    expect(cases.length).toBeGreaterThan(2);
    for (const one of cases) expect(runCase(policy, 'cases', one).differences).toEqual([]);
  });

  test('is tested by cases of at most 16 grants, which a person can read', () => {
    const cases = unwrap(
      readCases(draftCases(catalogue, drafted(catalogue), { ...OPTIONS, ...AT })),
    );
    expect(cases.every(({ input }) => input.requests.length <= 16)).toBe(true);
  });

  test('has a reason for each statement, and names each tool', () => {
    const statements = draftPolicy(catalogue, OPTIONS);
    expect(statements.filter(({ why }) => !/^[A-Z].*\.$/.test(why))).toEqual([]);
    const named = new Set(statements.map(({ tool }) => tool));
    expect(tools(catalogue).filter(({ name }) => !named.has(name))).toEqual([]);
  });
});

describe('a drafted policy', () => {
  test.each<[string, Request, Partial<PolicyInput>, string]>([
    ['grants a read below the dataset of its tool', SEARCH, {}, 'granted'],
    ['grants such a read later, too', SEARCH, LATER, 'granted'],
    ['refuses a read of another dataset', { ...SEARCH, dataset: 'files' }, {}, 'no_rule'],
    ['refuses a read by the tool of a change', { ...SEND, action: 'read' }, {}, 'no_rule'],
    ['grants a secret to a workflow that begins with it', CODES, {}, 'granted'],
    ['asks before a secret is granted later', CODES, LATER, 'asked'],
    ['grants a change whose sink is pinned at the beginning', PINNED, {}, 'granted'],
    ['asks about a pin that is requested later', PINNED, LATER, 'asked'],
    ['asks before anything is deleted', REMOVE, {}, 'asked'],
    ['refuses everything without a person', SEARCH, { user: undefined } as never, 'no_rule'],
    [
      'refuses another agent',
      SEARCH,
      { workload: { issuerName: 'login', subject: 'other' } },
      'no_rule',
    ],
    [
      'refuses a person of another issuer',
      SEARCH,
      { user: { issuerName: 'elsewhere', subject: 'alice' } },
      'no_rule',
    ],
  ])('%s', (_, request, input, decision) => {
    expect(decide(request, input)).toBe(decision);
  });

  test('requires that the value of a sink comes from where the catalogue says', () => {
    const [granted] = drafted(MAIL).decide({ ...INPUT, requests: [SEND] }).granted;
    expect(granted?.grant.constraints).toEqual({
      arguments: ['to', 'body'],
      constraints: { '/to': { every: { from: ['prompt', 'approved'] } } },
    });
    expect(granted?.openSinks).toEqual([]);
  });

  test('adds no origins to the values that a workflow pins', () => {
    const [granted] = drafted(MAIL).decide({ ...INPUT, requests: [PINNED] }).granted;
    expect(granted?.grant.constraints?.constraints).toEqual({ '/to': { subsetOf: ['a@b.c'] } });
  });

  const order = (source: string) => {
    const requests = [{ tool: 'mcp/shop/order', action: 'write', dataset: 'shop' }] as const;
    return drafted(unwrap(parseCatalogue(source))).decide({ ...INPUT, requests });
  };

  test('requires origins of sinks inside the objects of a list, and leaves other members free', () => {
    const { granted, refused } = order(ORDER);
    expect(refused).toEqual([]);
    expect(granted[0]?.openSinks).toEqual([]);
    expect(granted[0]?.grant.constraints?.constraints).toEqual({
      '/items': { eachHas: { to: { from: ['prompt', 'approved'] } } },
      '/copies': {
        orEmpty: {
          eachHas: { to: { anyOf: [{ from: ['prompt', 'approved'] }, { empty: true }] } },
        },
      },
    });
  });

  const profile = (optional: string, more = '') => {
    const sinks = ['street', 'city'].map(
      (name) => `[[tool.sink]]\nargument = "/${name}"\nkind = "address"\noptional = ${optional}\n`,
    );
    const catalogue = unwrap(
      parseCatalogue(`
[[tool]]
name = "mcp/bank/update_profile"
action = "write"
tier = 2
arguments = ["street", "city"${more}]
datasets = [{ fixed = "bank" }]
${sinks.join('\n')}`),
    );
    const requests = [
      { tool: 'mcp/bank/update_profile', action: 'write', dataset: 'bank' } as const,
    ];
    return drafted(catalogue).decide({ ...INPUT, requests });
  };

  test('grants a change of nothing but optional sinks if what is left out stays as it is', () => {
    const { granted, refused } = profile('"unchanged"');
    expect(refused).toEqual([]);
    const origins = {
      optional: { anyOf: [{ from: ['prompt', 'approved'] }, { exact: null }] },
    };
    expect(granted[0]?.grant.constraints?.constraints).toEqual({
      '/street': origins,
      '/city': origins,
    });
    expect(granted[0]?.openSinks).toEqual([]);
  });

  test.each([
    ['the tool may have a default', 'true', ''],
    ['another argument would name nothing', '"unchanged"', ', "note"'],
  ])('refuses such a change where %s', (_, optional, more) => {
    expect(profile(optional, more).refused).toMatchObject([{ code: 'sink_open' }]);
  });

  test('refuses a change whose sink lies deeper than the objects of a list', () => {
    const { refused } = order(ORDER.replaceAll('/items/*/to', '/items/*/place/to'));
    expect(refused).toMatchObject([{ code: 'sink_open', pointer: '/items/*/place/to' }]);
  });

  test('names the fields that a sink takes, with their reasons, and lets optional sinks lack', () => {
    const catalogue = unwrap(parseCatalogue(BANK));
    const about = draftPolicy(catalogue, OPTIONS).filter(({ text }) => text.startsWith('require'));
    expect(about).toEqual([
      {
        tool: 'mcp/bank/pay',
        why: 'A value of /to (iban) comes from the request of the user; the claims of the person; /*/payee of mcp/bank/orders (own: payees of the holder); /*/sender of mcp/bank/orders (peer: anyone who sent money), if the request of the user names what was read; the values that the catalogue calls safe; a call that a person has approved.',
        text: 'require_constraint("/to",\n  {"from":["self","self:iban","own:iban","peer:iban named","prompt","approved","=CH1"]}) <-\n  tool("mcp/bank/pay"), bounded_by("/to", "nothing");',
      },
      {
        tool: 'mcp/bank/pay',
        why: 'A value of /note (note) comes from the request of the user; a call that a person has approved. A call may leave it out.',
        text: 'require_constraint("/note",\n  {"anyOf":[{"from":["prompt","approved"]},{"empty":true}]}) <-\n  tool("mcp/bank/pay"), bounded_by("/note", "nothing");',
      },
    ]);
  });

  test('cannot be left by the name of a team', () => {
    const owner = '"); allow if true; owner("x';
    const source = renderDraftedPolicy(draftPolicy(MAIL, { ...OPTIONS, owner }));
    const policy = unwrap(loadPolicy([{ name: 'draft.datalog', source }], MAIL));
    expect(policy.owners).toEqual([owner]);
    expect(policy.rules.map(({ kind }) => kind)).toEqual(['allow', 'allow']);
  });
});

test.each(['mcp', 'api'])(
  'the draft for the catalogue of the template %s grants what its own policy grants',
  (template) => {
    const folder = `templates/${template}`;
    const catalogue = unwrap(
      parseCatalogue(readFileSync(`${folder}/catalogue/tools.toml`, 'utf8')),
    );
    const policy = drafted(catalogue);
    const name = template === 'mcp' ? 'notes' : 'contacts';
    const cases = unwrap(readCases(readFileSync(`${folder}/policy/cases/${name}.toml`, 'utf8')));
    for (const { input, expected } of cases) {
      const wanted = input.requests.filter((_, at) => expected[at]?.verdict === 'granted');
      if (wanted.length === 0) continue;
      expect(policy.decide({ ...input, requests: wanted }).refused).toEqual([]);
    }
  },
);
