import { describe, expect, test } from 'vitest';
import type { CatalogueTool } from '../../../src/catalogue/index.ts';
import { DENIALS } from '../../../src/denials/index.ts';
import type { GatewayDenial } from '../../../workers/gateway/call/denial.ts';
import {
  isPassable,
  meantTool,
  modeOf,
  observedCaller,
  observedStop,
  ownCredential,
  SourceNames,
} from '../../../workers/gateway/observe/index.ts';
import type { Upstream } from '../../../workers/gateway/upstream/index.ts';

/** Which calls a route that observes makes, and with whose credential. */

const upstream = (change: Partial<Upstream> = {}): Upstream => ({
  name: 'files',
  kind: 'mcp',
  url: new URL('https://files.example/mcp'),
  mode: 'observe',
  observedCredential: 'caller',
  isBound: false,
  serverRequests: [],
  limits: {} as Upstream['limits'],
  send: async () => new Response(),
  ...change,
});
const requestWith = (headers: Readonly<Record<string, string>>) =>
  new Request('https://gateway.example/mcp/files', { method: 'POST', headers });
const NO_TOKEN = { denial: { code: 'token_missing' } } as const;
const VALID = {};

describe('the mode of a call', () => {
  const tool = (mode?: 'observe' | 'enforce') =>
    new Map([['t', { name: 't', ...(mode && { mode }) } as CatalogueTool]]);

  test.each([
    ['of its tool before that of its server', 'observe', tool('enforce'), 't', 'enforce'],
    ['of its server, if its tool has none', 'observe', tool(), 't', 'observe'],
    ['of its server, if the catalogue lacks the tool', 'observe', tool('enforce'), 'x', 'observe'],
    ['of its server, for a message without a tool', 'observe', tool(), undefined, 'observe'],
    ['of its tool, if its server enforces', 'enforce', tool('observe'), 't', 'observe'],
    ['enforce, if there is no server', undefined, tool(), 't', 'enforce'],
  ] as const)('is that %s', (_, ofServer, catalogue, name, expected) => {
    expect(modeOf(ofServer && { mode: ofServer }, catalogue, name)).toBe(expected);
  });
});

test.each([
  ['mcp/files/Write_File', 'mcp/files/write_file'],
  ['mcp/files/write_file ', 'mcp/files/write_file'],
  ['mcp/files/write-file', 'mcp/files/write_file'],
  ['mcp/files/\uff57rite_file', 'mcp/files/write_file'],
  ['mcp/files/write_files', 'mcp/files/write_files'],
  ['mcp/mail/write_file', 'mcp/mail/write_file'],
])(
  'the name %j cannot avoid the mode or the stop of another tool by its spelling',
  (name, tool) => {
    const catalogue = new Map([['mcp/files/write_file', {} as CatalogueTool]]);
    expect(meantTool(catalogue, name)).toBe(tool);
  },
);

describe('a denial at a route that observes', () => {
  test.each([
    'revoked',
    'suspended',
    'tool_denied',
    'workflow_stopped',
    'message_malformed',
    'message_too_large',
    'batch_refused',
    'header_mismatch',
    'method_denied',
    'server_unknown',
    'session_unknown',
    'catalogue_unavailable',
    'rate_limited',
  ] as const)('of the code %s is enforced', (code) => {
    expect(Object.keys(DENIALS)).toContain(code);
    expect(isPassable({ code } as GatewayDenial)).toBe(false);
  });

  test.each(['token_missing', 'expired', 'no_grant', 'tool_unknown', 'budget_exhausted'] as const)(
    'of the code %s is only recorded',
    (code) => expect(isPassable({ code } as GatewayDenial)).toBe(true),
  );

  test.each(Object.keys(DENIALS))('of the code %s is decided on purpose', (code) => {
    expect(isPassable({ code } as GatewayDenial)).toEqual(expect.any(Boolean));
  });

  test.each([
    ...(['argument_repeated', 'query_malformed', 'header_refused', 'body_invalid'] as const),
    ...(['state_unknown', 'task_unknown', 'event_unknown', 'definition_changed'] as const),
  ])('that says that it has two readings, or is of others, is enforced: %s', (code) => {
    expect(isPassable({ code } as GatewayDenial)).toBe(false);
  });

  test('does not hide that an operator has stopped the tool or the workflow', () => {
    const stop = { code: 'tool_denied', tool: 't' } as const;
    const denial = { code: 'token_missing' } as const;
    expect(observedStop({ stopped: () => stop }, denial, 't')).toBe(stop);
    expect(observedStop({ stopped: () => undefined }, denial, 't')).toBeUndefined();
  });
});

describe('the credential that a caller brought', () => {
  test.each([
    ['Basic', { authorization: 'Basic dTpw' }, [['authorization', 'Basic dTpw']]],
    ['an API key', { 'x-api-key': 'k' }, [['x-api-key', 'k']]],
    [
      'two',
      { 'private-token': 'p', 'api-key': 'k' },
      [
        ['api-key', 'k'],
        ['private-token', 'p'],
      ],
    ],
  ])('is passed on if it is %s', (_, headers, expected) => {
    expect(ownCredential(requestWith(headers as never), NO_TOKEN)).toEqual({ headers: expected });
  });

  test('is passed on if it is a bearer token of another system', () => {
    const opened = { denial: { code: 'token_malformed', why: 'x' } } as const;
    const headers = { authorization: 'Bearer opaque-token' };
    expect(ownCredential(requestWith(headers), opened)).toEqual({
      headers: [['authorization', 'Bearer opaque-token']],
    });
  });

  test.each([
    ['a valid capability', VALID],
    ['one of another issuer', { denial: { code: 'signature_invalid', why: 'x' } }],
    ['one for another server', { denial: { code: 'audience_mismatch', audience: 'x' } }],
    ['an expired one', { denial: { code: 'expired', block: 0, source: '' } }],
  ] as const)('is not passed on if it is %s', (_, opened) => {
    expect(ownCredential(requestWith({ authorization: 'Bearer En0K' }), opened)).toBe('none');
  });

  test('is not passed on if it is bound to a key of the caller', () => {
    const opened = { denial: { code: 'token_malformed', why: 'x' } } as const;
    const headers = { authorization: 'DPoP abc', dpop: 'proof' };
    expect(ownCredential(requestWith(headers), opened)).toBe('none');
  });

  test.each(['cookie', 'x-forwarded-for', 'hewn-caller', 'x-hewn-agent', 'proxy-authorization'])(
    'is no other header, such as %s',
    (name) => expect(ownCredential(requestWith({ [name]: 'x' }), NO_TOKEN)).toBe('none'),
  );
});

describe('a call that would be denied', () => {
  const facts = {
    denial: { code: 'no_grant', tool: 't', action: 'read', dataset: 'd' } as const,
    evidence: { revocationIds: [], workflow: 'wf_1', agent: 'a', subject: 's' },
    tool: 't',
    own: { headers: [['x-api-key', 'k']] } as const,
    source: 'abc',
  };

  test('is made with the own credential, without naming who calls', () => {
    expect(observedCaller({ ...facts, upstream: upstream() })).toEqual({
      workflow: 'observed:wf_1',
      credential: facts.own,
    });
  });

  test('has the credential of the gateway only if the operator accepts that', () => {
    const accepting = upstream({ observedCredential: 'gateway' });
    expect(observedCaller({ ...facts, upstream: accepting })).toMatchObject({
      workflow: 'wf_1',
      agent: 'a',
      credential: 'gateway',
    });
  });

  test.each([
    ['without a token', { code: 'token_missing' }, { revocationIds: [] }],
    ['with an expired token', { code: 'expired', block: 0, source: '' }, facts.evidence],
    ['without the proof of its key', { code: 'holder_unproven' }, facts.evidence],
  ] as const)('%s never has it', (_, denial, evidence) => {
    const accepting = upstream({ observedCredential: 'gateway' });
    const caller = observedCaller({ ...facts, denial, evidence, upstream: accepting });
    expect(caller?.credential).toEqual(facts.own);
  });

  test('is denied if only the identity of the gateway reaches the server', () => {
    expect(observedCaller({ ...facts, upstream: upstream({ isBound: true }) })).toBeUndefined();
  });
});

describe('the name of a source', () => {
  const names = (secret: Uint8Array<ArrayBuffer> | undefined = new Uint8Array(32)) =>
    new SourceNames('cf-connecting-ip', async () => secret);
  const key = (value: string) => ({ headers: [['x-api-key', value]] }) as const;

  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ])('of %s is %s', async (address, expected) => {
    const headers = new Headers({ 'cf-connecting-ip': address });
    expect(await names().nameOf(headers, 'none')).toEqual({ address: expected });
  });

  test('is empty if the header holds no address', async () => {
    const headers = new Headers({ 'cf-connecting-ip': '1.2.3.4, 5.6.7.8' });
    expect(await names().nameOf(headers, 'none')).toEqual({});
  });

  test('tells credentials apart, and gateways with other secrets do not agree on it', async () => {
    const of = async (value: string, by = names()) =>
      (await by.nameOf(new Headers(), key(value))).credential;
    expect(await of('a')).toMatch(/^[0-9a-f]{16}$/);
    expect(await of('a')).toBe(await of('a'));
    expect(await of('a')).not.toBe(await of('b'));
    expect(await of('a')).not.toBe(await of('a', names(new Uint8Array(32).fill(1))));
  });

  test('has no credential while no secret is available', async () => {
    const without = new SourceNames(undefined, async () => undefined);
    expect(await without.nameOf(new Headers(), key('a'))).toEqual({});
  });
});
