import { describe, expect, test } from 'vitest';
import { AgentReceipts, keepReceipts } from '../../../src/agent/receipts/index.ts';
import { type Catalogue, parseCatalogue } from '../../../src/catalogue/index.ts';
import type { Head } from '../../../src/feed/index.ts';
import type { HttpCall } from '../../../src/http-route/index.ts';
import { generatePair } from '../../../src/key-file/index.ts';
import { ATTACHED_HEADER } from '../../../src/receipts/index.ts';
import type { Judging } from '../../../workers/gateway/catalogues.ts';
import type { Gateway } from '../../../workers/gateway/gateway.ts';
import { forwardCall } from '../../../workers/gateway/http/forward.ts';
import { attesting } from '../../../workers/gateway/http/receipts.ts';
import { Receipts } from '../../../workers/gateway/receipts/index.ts';
import type { Upstream } from '../../../workers/gateway/upstream/index.ts';
import { unwrap } from '../fixtures/issuer.ts';

/** Answers of HTTP APIs that get receipts: whole, short, successful and JSON. */
const GATEWAY = 'https://gateway.example';
const IBAN = 'CH9300762011623852957';
const NOW = Math.floor(Date.now() / 1_000);

const catalogueOf = (field: string): Catalogue =>
  unwrap(
    parseCatalogue(`[[tool]]
name = "http/bank/payees"
action = "read"
tier = 1
arguments = ["name"]
datasets = [{ fixed = "bank" }]
[tool.route]
server = "bank"
methods = ["GET"]
path = "/payees"
arguments.name = { in = "query", type = "string" }
${field}`),
  );
const MARKED = catalogueOf(`[[tool.field]]
pointer = "/payees/*/iban"
kind = "iban"
by = "own"
reason = "paid before"`);

const { privateKey, publicKey } = generatePair();
const value = [{ id: 7, public_key: publicKey, gateway: GATEWAY, until: null }];
const extensions = [{ name: 'receipt_keys', version: 1, critical: false, value }];
const head = { epoch: 1, seq: 1, issued_at: NOW, extensions } as unknown as Head;

/** Returns the response that an agent gets for what the API answers. */
async function answerTo(
  answer: () => Response,
  { catalogue = MARKED, mode = 'enforce' as Upstream['mode'], args = {} } = {},
): Promise<Response> {
  const upstream: Upstream = {
    name: 'bank',
    kind: 'http',
    url: new URL('https://bank.example'),
    mode,
    observedCredential: 'caller',
    isBound: false,
    serverRequests: [],
    limits: {
      seconds: 10,
      progressSeconds: 20,
      answerBytes: 1_000_000,
      requestBytes: 1_000,
    } as Upstream['limits'],
    send: async () => answer(),
  };
  const receipts = new Receipts({
    gateway: GATEWAY,
    privateKey,
    feed: { head },
    client: { attachments: async () => ({ receipts: [] }) },
  });
  const call: HttpCall = {
    tool: 'http/bank/payees',
    method: 'GET',
    args,
    template: [],
    values: new Map(),
    route: { server: 'bank', methods: ['GET'], path: '/payees' },
  };
  const gateway = { receipts, upstreams: new Map([['bank', upstream]]) } as unknown as Gateway;
  const judging = { catalogue, hash: 'ab'.repeat(32), isCurrent: true } as unknown as Judging;
  const attest = attesting(gateway, { server: 'bank', call }, judging)?.('wf_1');
  const caller = { workflow: 'wf_1', credential: 'gateway' } as const;
  const request = new Request(`${GATEWAY}/http/bank/payees`);
  const hold = { keepAlive: () => {}, mayContinue: async () => true };
  const outgoing = { upstream, call, request, caller, ...(attest && { attest }) };
  return (await forwardCall(outgoing, hold)).response;
}

const json = (text: string, init: ResponseInit = {}): Response =>
  new Response(text, {
    ...init,
    headers: {
      'content-type': 'application/json',
      'content-length': String(text.length),
      ...init.headers,
    },
  });
const unmeasured = (text: string): Response =>
  new Response(text, { headers: { 'content-type': 'application/json' } });
const PAYEES = JSON.stringify({ payees: [{ iban: IBAN, note: 'rent' }] });

test('an answer has its receipts in a header, and an agent keeps them', async () => {
  const response = await answerTo(() => json(PAYEES));
  const receipts = new AgentReceipts();
  const kept = await keepReceipts(response, { receipts, workflow: 'wf_1' }, NOW);
  expect(await kept.text()).toBe(PAYEES);
  const leaves = await receipts.leavesOf([IBAN, 'rent'], NOW);
  expect(leaves).toMatchObject([{ pointer: '/payees/0/iban', value: IBAN }]);
});

describe('an answer is passed on without receipts', () => {
  test.each<[string, () => Response, Parameters<typeof answerTo>[1]?]>([
    ['if its tool has no marks', () => json(PAYEES), { catalogue: catalogueOf('') }],
    ['if its route only observes', () => json(PAYEES), { mode: 'observe' }],
    ['if it is an error', () => json(PAYEES, { status: 404 })],
    ['if it is no JSON', () => json(PAYEES, { headers: { 'content-type': 'text/plain' } })],
    ['if its JSON is malformed', () => json('{')],
    ['if a member is given twice', () => json(PAYEES.replace('{', '{"payees":[],'))],
    ['if it only repeats an argument', () => json(PAYEES), { args: { name: IBAN } }],
    ['if its length is unknown', () => unmeasured(PAYEES)],
    ['over 64 KiB', () => json(PAYEES.replace('rent', 'x'.repeat(64 * 1024)))],
  ])('%s', async (_, answer, how) => {
    const response = await answerTo(answer, how);
    expect(response.headers.has(ATTACHED_HEADER)).toBe(false);
    expect(await response.text()).toBe(await answer().text());
  });
});
