import { describe, expect, test } from 'vitest';
import { type Capability, narrowingFetch } from '../../../src/agent/index.ts';
import { AgentReceipts } from '../../../src/agent/receipts/index.ts';
import type { JsonObject } from '../../../src/canonical-json.ts';
import { argumentNodes } from '../../../src/capability/index.ts';
import type { Attached } from '../../../src/provenance/index.ts';
import {
  ATTACHED_HEADER,
  ATTACHED_META,
  type KeptReceipt,
  RECEIPTS_META,
  readAttached,
  readAttachedHeader,
  receiptsMeta,
} from '../../../src/receipts/index.ts';
import { Receipts } from '../../../workers/gateway/receipts/index.ts';
import { AUDIENCE, mintToken, unwrap } from '../fixtures/issuer.ts';
import { CATALOGUE, check, issue, NOW, PAYEES, served, WORKFLOW } from '../receipts/scene.ts';

/** An agent reads payees through one gateway, and pays one of them through another. */
const IBAN = 'CH9300762011623852957';

const capability: Capability = {
  token: mintToken(),
  workflow: WORKFLOW,
  task: 'pay',
  audience: AUDIENCE,
  grants: [],
  expires: new Date((NOW + 300) * 1_000),
};

type Answer = (message: JsonObject) => Response;

const asJson: Answer = (message) => Response.json(message);
const asEvents: Answer = (message) =>
  new Response(`event: message\ndata: ${JSON.stringify(message)}\n\n`, {
    headers: { 'content-type': 'text/event-stream' },
  });

/** The agent's side, and what it sends. `meta` is what the answer to a read has as its receipts. */
function agentOf(meta: unknown, answer: Answer = asJson) {
  let now = NOW;
  const arrived: Request[] = [];
  const send = narrowingFetch({
    capability,
    catalogue: CATALOGUE,
    server: 'bank',
    now: () => now * 1_000,
    fetch: async (input, init) => {
      const request = new Request(input as Request, init);
      arrived.push(request.clone());
      const { params } = JSON.parse((await request.text()) || '{}') as JsonObject;
      const { name } = Object(params) as { readonly name?: string };
      if (name !== 'get_payees') return Response.json({});
      const _meta = { [RECEIPTS_META]: meta };
      const result = { structuredContent: PAYEES, content: [], _meta } as unknown as JsonObject;
      return answer({ jsonrpc: '2.0', id: 1, result });
    },
  });
  const post = (body: object) =>
    send(`${AUDIENCE}/mcp/bank`, { method: 'POST', body: JSON.stringify(body) });
  const call = (name: string, args: object = {}, _meta?: object) =>
    post({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name, arguments: args, ...(_meta && { _meta }) },
    });
  return {
    post,
    read: async () => (await call('get_payees')).text(),
    get: (path: string, init?: RequestInit) => send(`${AUDIENCE}${path}`, init),
    /** Pays, and returns what came with the call. */
    pay: async (args: object, own?: object): Promise<Attached | undefined> => {
      await call('add_payee', args, own);
      return attachedIn(await arrived.at(-1)?.json());
    },
    /** What the last request had. */
    last: () => arrived.at(-1),
    passSeconds: (seconds: number) => {
      now += seconds;
    },
  };
}

const attachedIn = (message: unknown): Attached | undefined =>
  readAttached((message as { params: { _meta?: JsonObject } }).params._meta?.[ATTACHED_META]);

const metaOf = async (change: Parameters<typeof served>[2] = {}) =>
  receiptsMeta((await issue(served(PAYEES, {}, change))).receipts);

const sourcesOf = async (attached: Attached | undefined, change: object = {}) => {
  const { values, ignored } = await check(attached?.leaves ?? [], change);
  return { sources: values.map(({ value, sources }) => [value, sources[0]]), ignored };
};

test.each([
  ['as JSON', asJson],
  ['as a stream of events', asEvents],
])(
  'what was read %s is attached to a call of another gateway, which verifies it',
  async (_, answer) => {
    const agent = agentOf(await metaOf(), answer);
    expect(await agent.read()).toContain(IBAN);
    const sent = await agent.pay({ iban: IBAN, id: 8 });
    const another = new Receipts({
      gateway: 'https://another.example',
      privateKey: undefined,
      feed: { head: undefined },
      client: { attachments: async () => ({ receipts: [] }) },
    });
    const nodes = unwrap(argumentNodes({ iban: IBAN, id: 8 }));
    const tool = CATALOGUE.get('mcp/bank/add_payee');
    const attached = await another.attachedTo({ workflow: WORKFLOW, nodes, tool, sent });
    const { sources, ignored } = await sourcesOf(attached);
    expect(ignored).toEqual([]);
    expect(sources).toEqual(
      expect.arrayContaining([
        [IBAN, 'own:iban'],
        [8, 'server:payee-id'],
      ]),
    );
  },
);

describe('nothing is attached', () => {
  test.each([
    ['another value', { iban: 'DE00' }],
    ['a value in another spelling', { iban: IBAN.toLowerCase() }],
    ['a part of a text', { iban: `${IBAN} ` }],
    ['a number as text', { id: '8' }],
  ])('to a call with %s', async (_, args) => {
    const agent = agentOf(await metaOf());
    await agent.read();
    expect(await agent.pay(args)).toBeUndefined();
  });

  test('of another workflow', async () => {
    const agent = agentOf(await metaOf({ workflow: 'wf_other' }));
    await agent.read();
    expect(await agent.pay({ iban: IBAN })).toBeUndefined();
  });

  test('of an answer over 1 MiB, which its reader gets whole', async () => {
    const padding = 'x'.repeat(1024 * 1024);
    const agent = agentOf(await metaOf(), (message) => asJson({ ...message, padding }));
    expect(await agent.read()).toContain(padding);
    expect(await agent.pay({ iban: IBAN })).toBeUndefined();
  });

  test('after it has expired', async () => {
    const agent = agentOf(await metaOf());
    await agent.read();
    agent.passSeconds(299);
    expect(await agent.pay({ iban: IBAN })).toBeDefined();
    agent.passSeconds(1);
    expect(await agent.pay({ iban: IBAN })).toBeUndefined();
  });

  test('to a message that calls no tool', async () => {
    const agent = agentOf(await metaOf());
    await agent.read();
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: { cursor: IBAN } };
    await agent.post(message);
    expect(await agent.last()?.json()).toEqual(message);
    expect(agent.last()?.headers.has(ATTACHED_HEADER)).toBe(false);
  });

  test('to a call that would exceed what a gateway reads', async () => {
    const agent = agentOf(await metaOf());
    await agent.read();
    const name = 'x'.repeat(256 * 1024 - 300);
    expect(await agent.pay({ iban: IBAN, name })).toBeUndefined();
  });

  test('beside what the caller attaches itself', async () => {
    const agent = agentOf(await metaOf());
    await agent.read();
    const prompt = { text: 'pay', salt: 'A'.repeat(22) };
    expect(await agent.pay({ iban: IBAN }, { [ATTACHED_META]: { prompt } })).toEqual({ prompt });
  });
});

test('a forged receipt is passed on and counts for nothing', async () => {
  const [one, ...others] = (await metaOf()) as unknown as { receipt: string }[];
  const [payload, signature = ''] = one?.receipt.split('.') ?? [];
  const forged = `${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
  const agent = agentOf([{ ...one, receipt: forged }, ...others]);
  await agent.read();
  const { sources, ignored } = await sourcesOf(await agent.pay({ iban: IBAN }));
  expect(sources).toEqual([]);
  expect(ignored).toEqual([{ part: 'leaf 0', why: 'signature' }]);
});

describe('a request to an API without a gateway has them in a header', () => {
  test.each<[string, string, RequestInit?]>([
    ['in the path', `/payees/${IBAN}`],
    ['in the query', `/payees?iban=${IBAN}`],
    ['in a JSON body', '/pay', { method: 'POST', body: JSON.stringify({ to: { iban: IBAN } }) }],
  ])('if the value stands %s', async (_, path, init) => {
    const agent = agentOf(await metaOf());
    await agent.read();
    await agent.get(path, init);
    const header = agent.last()?.headers.get(ATTACHED_HEADER) ?? null;
    expect((await sourcesOf(readAttachedHeader(header))).sources).toEqual([[IBAN, 'own:iban']]);
    await agent.get('/payees/DE00');
    expect(agent.last()?.headers.has(ATTACHED_HEADER)).toBe(false);
  });
});

test('the newest leaf of each value comes before the others of any value', async () => {
  const receipts = new AgentReceipts();
  const kept = async (iban: string): Promise<readonly KeptReceipt[]> =>
    (await issue(served({ payees: [{ iban }] }))).receipts;
  receipts.add(await kept('old'), NOW);
  receipts.add([...(await kept('new')), ...(await kept('new'))], NOW);
  const leaves = await receipts.leavesOf(['old', 'new'], NOW);
  expect(leaves.map(({ value }) => value)).toEqual(['new', 'old', 'new']);
});

test('nothing is kept after the workflow has ended', async () => {
  const receipts = new AgentReceipts();
  const { receipts: issued } = await issue();
  receipts.add(issued, NOW);
  expect(receipts.isEmpty).toBe(false);
  receipts.drop();
  receipts.add(issued, NOW);
  expect(receipts.isEmpty).toBe(true);
});
