import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/canonical-json.ts';
import type { ServerRequest } from '../../../src/upstream/index.ts';
import { InFlight } from '../../../workers/gateway/mcp/in-flight.ts';
import { type Incoming, methodOf } from '../../../workers/gateway/mcp/methods/index.ts';
import { callParams } from '../../../workers/gateway/mcp/params.ts';

/** Returns the parameters of a message without a tool, as they are forwarded. */
function sessionParams(
  method: string,
  params: JsonObject,
  allowed: readonly ServerRequest[] = [],
): JsonObject | undefined {
  const upstreams = new Map([['files', { serverRequests: allowed }]]);
  const gateway = { inFlight: new InFlight(), upstreams };
  const incoming = { gateway, server: 'files', message: { method, params } };
  const owner = { server: 'files', workflow: 'wf_1' };
  return methodOf(method)?.params(incoming as unknown as Incoming, owner);
}

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

test('forwards the listed members of `_meta` that have their form', () => {
  const meta = {
    progressToken: 'p-1',
    traceparent: TRACE,
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'agent', version: '1', title: 'An agent' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const params = { name: 'a', arguments: { path: 'x' }, _meta: meta };
  expect(callParams(params)).toEqual(params);
});

describe('does not forward what nothing verifies:', () => {
  test.each<[string, Record<string, unknown>]>([
    ['an unknown key', { 'evil.example/data': 'salaries' }],
    ['a key of a prototype', JSON.parse('{"__proto__":{"progressToken":"x"}}')],
    ['free text next to the trace', { tracestate: 'a=salaries', baggage: 'b=salaries' }],
    ['a malformed trace', { traceparent: 'salaries' }],
    ['a trace with more text', { traceparent: `${TRACE}-salaries` }],
    ['a token that is an object', { progressToken: { data: 'salaries' } }],
    ['a token that is too long', { progressToken: 'x'.repeat(257) }],
    ['a lone surrogate', { progressToken: '\ud800' }],
    ['a revision of no known rules', { 'io.modelcontextprotocol/protocolVersion': '2027-01-01' }],
    ['a malformed version', { 'io.modelcontextprotocol/protocolVersion': 'salaries' }],
    ['an unknown log level', { 'io.modelcontextprotocol/logLevel': 'salaries' }],
  ])('%s', (_, meta) => {
    const passed = callParams({ name: 'a', _meta: meta as never });
    expect(passed).toEqual({ name: 'a', _meta: {} });
  });

  test('capabilities of the client, and links of its implementation', () => {
    const clientInfo = { name: 'a', version: '1', websiteUrl: 'https://evil.example/?salaries' };
    const capabilities = { experimental: { data: 'salaries' }, roots: {} };
    const passed = sessionParams('initialize', {
      protocolVersion: '2025-11-25',
      capabilities,
      clientInfo,
      salaries: 1,
      _meta: { 'io.modelcontextprotocol/clientCapabilities': capabilities },
    });
    expect(passed).toEqual({
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'a', version: '1' },
      _meta: { 'io.modelcontextprotocol/clientCapabilities': {} },
    });
  });

  test('capabilities of the client that the deployment does not allow, and their settings', () => {
    const capabilities = {
      elicitation: { form: { salaries: 1 }, url: {}, salaries: 1 },
      sampling: {},
      roots: { listChanged: true },
      tasks: { list: {} },
      extensions: { 'io.modelcontextprotocol/tasks': { salaries: 1 }, 'evil.example/x': {} },
    };
    const passed = sessionParams('initialize', { capabilities }, ['elicitation', 'roots']);
    expect(passed?.capabilities).toEqual({
      elicitation: { form: {}, url: {} },
      roots: { listChanged: true },
      extensions: { 'io.modelcontextprotocol/tasks': {} },
    });
  });

  test.each([
    ['tools/list', { cursor: 'c', salaries: 1 }, { cursor: 'c' }],
    ['tools/list', { cursor: ['c'] }, {}],
    ['ping', { salaries: 1 }, {}],
    ['server/discover', { salaries: 1 }, {}],
    ['notifications/initialized', { salaries: 1 }, {}],
    ['notifications/cancelled', { requestId: 1, reason: 'salaries' }, {}],
  ])('parameters of %s: %j', (method, params, passed) => {
    expect(sessionParams(method, params)).toEqual(passed);
  });
});

test('accepts no method from a prototype', () => {
  for (const method of ['constructor', '__proto__', 'toString']) {
    expect(methodOf(method)).toBeUndefined();
  }
});
