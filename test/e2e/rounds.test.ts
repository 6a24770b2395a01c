import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Grant } from '../../src/capability/index.ts';
import { activateCatalogue } from './activate.ts';
import { obtain, send } from './agent.ts';
import { answering, type ScriptedServer, startScriptedServer } from './scripted-server.ts';
import { openStage, type Stage } from './stage.ts';

/** Multi-round-trip requests: a server asks for input, and gets the same call again. */
let stage: Stage;
let server: ScriptedServer;
let token: string;

const CATALOGUE = `
[[tool]]
name = "mcp/shop/buy"
action = "write"
tier = 2
arguments = ["item"]
datasets = [{ argument = "/item", under = "shop" }]
sinks = []

[[tool]]
name = "mcp/shop/page"
action = "read"
tier = 1
resource = "shop://{item}"
arguments = ["item"]
datasets = [{ argument = "/item", under = "shop" }]
`;
const GRANTS: readonly Grant[] = [
  { tool: 'mcp/shop/buy', action: 'write', dataset: 'shop' },
  { tool: 'mcp/shop/page', action: 'read', dataset: 'shop' },
];
const ASKS = {
  confirm: { method: 'elicitation/create', params: { message: 'Sure?' } },
  think: { method: 'sampling/createMessage', params: { messages: [] } },
  other: { method: 'x/y' },
};

beforeAll(async () => {
  server = await startScriptedServer();
  const url = { url: server.url, addresses: ['127.0.0.1'], caller: 'none' };
  const upstreams = { shop: { ...url, serverRequests: ['elicitation'] }, other: url };
  stage = await openStage({ gatewayVars: { UPSTREAMS: JSON.stringify(upstreams) } });
  const other = CATALOGUE.replaceAll('mcp/shop/', 'mcp/other/');
  await activateCatalogue(stage, `${CATALOGUE}${other}`);
  ({ token } = await obtain(stage, GRANTS));
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(async () => {
  await stage.close();
  await server.close();
});

const buy = (item: string, round: object = {}) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'buy', arguments: { item }, ...round },
});
const read = (item: string, round: object = {}) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'resources/read',
  params: { uri: `shop://${item}`, ...round },
});
const ask = (message: object, by = token, at = 'shop') => send(stage, by, message, {}, at);

/** Makes the server ask, and returns its answer as the agent receives it. */
async function begin(message: object = buy('tea')) {
  server.play(
    answering(0, { resultType: 'input_required', inputRequests: ASKS, requestState: 'S' }),
  );
  const { body } = await ask(message);
  return body?.result as { requestState: string; inputRequests: object };
}
const confirmed = { confirm: { action: 'accept', content: { sure: true }, extra: 'salaries' } };

describe('a call that needs input', () => {
  test('shows the agent what the deployment lets the server ask, and a sealed state', async () => {
    const { requestState, inputRequests } = await begin();
    expect(inputRequests).toEqual({ confirm: ASKS.confirm });
    expect(requestState).toMatch(/^[A-Za-z0-9_-]{30,}$/);
  });

  test.each([
    ['of a tool', buy],
    ['of a resource', read],
  ])('%s is made again, with the state of the server', async (_, message) => {
    const { requestState } = await begin(message('tea'));
    server.play(answering());
    const answer = await ask(message('tea', { inputResponses: confirmed, requestState }));
    expect(answer.status).toBe(200);
    expect(server.arrived[0]?.message.params).toEqual({
      ...message('tea').params,
      inputResponses: { confirm: { action: 'accept', content: { sure: true } } },
      requestState: 'S',
    });
  });

  test('forwards no answer that the deployment does not allow', async () => {
    server.play(answering());
    const inputResponses = {
      ...confirmed,
      think: { role: 'assistant', content: { type: 'text', text: 'salaries' }, model: 'm' },
      files: { roots: [{ uri: 'file:///salaries' }] },
      free: { text: 'salaries' },
      text: 'salaries',
    };
    await ask(buy('tea', { inputResponses }));
    expect(server.arrived[0]?.message.params?.inputResponses).toEqual({
      confirm: { action: 'accept', content: { sure: true } },
    });
    const { token: others } = await obtain(stage, [
      { tool: 'mcp/other/buy', action: 'write', dataset: 'shop' },
    ]);
    server.play(answering());
    await ask(buy('tea', { inputResponses }), others, 'other');
    expect(server.arrived[0]?.message.params?.inputResponses).toEqual({});
  });

  test('is judged again, so a narrower token cannot continue it', async () => {
    const { requestState } = await begin();
    const { token: narrow } = await obtain(stage, [
      { tool: 'mcp/shop/buy', action: 'write', dataset: 'shop/milk' },
    ]);
    server.play(answering());
    expect((await ask(buy('tea', { requestState }), narrow)).text).toContain('no_grant');
    expect(server.arrived).toEqual([]);
  });
});

/** The state with another first character: which one it had is random. */
function otherStart(state: string): string {
  return `${state.startsWith('A') ? 'B' : 'A'}${state.slice(1)}`;
}

describe('the state of a call never reaches the server with', () => {
  test.each<[string, (state: string) => object]>([
    ['another argument', (requestState) => buy('gold', { requestState })],
    ['another method', (requestState) => read('tea', { requestState })],
    ['a change at its end', (state) => buy('tea', { requestState: `${state}A` })],
    ['a change at its start', (state) => buy('tea', { requestState: otherStart(state) })],
    ['the text of the server itself', () => buy('tea', { requestState: 'S' })],
    ['a state that is not a text', () => buy('tea', { requestState: { S: 1 } })],
    ['a state that is too long', () => buy('tea', { requestState: 'A'.repeat(200_000) })],
  ])('%s', async (_, message) => {
    const { requestState } = await begin();
    server.play(answering());
    expect(await ask(message(requestState))).toMatchObject({
      status: 400,
      code: 'state_unknown',
      body: { error: { code: -32_602 } },
    });
    expect(server.arrived).toEqual([]);
  });

  test('the token of another workflow', async () => {
    const { requestState } = await begin();
    const { token: other } = await obtain(stage, GRANTS);
    server.play(answering());
    const answer = await ask(buy('tea', { requestState }), other);
    expect(answer).toMatchObject({ status: 400, code: 'state_unknown' });
    expect(server.arrived).toEqual([]);
  });
});
