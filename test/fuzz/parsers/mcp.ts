/**
 * MCP messages at the gateway: every message has one reading, and a denial repeats nothing of it.
 */
import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type Json } from '../../../src/canonical-json.ts';
import {
  decodeHeader,
  mismatchedParameter,
  type ParameterHeaders,
  parameterHeaders,
} from '../../../src/mcp-headers/index.ts';
import type { MessageError } from '../../../workers/gateway/call/denial.ts';
import { type McpMessage, readMessage } from '../../../workers/gateway/mcp/message.ts';
import { denialResponse } from '../../../workers/gateway/mcp/responses.ts';
import type { Random } from '../generate/random.ts';
import { claim, type ParserCampaign, type Reached } from './campaign.ts';
import { mutateJsonOften, writeJson } from './json.ts';
import { CANARY, claimSilent } from './secret.ts';
import { mutateText } from './text.ts';

const URL_ = 'https://gateway.example/mcp/files';
const NAME = 'read_text_file';
const TOOL_HEADERS: ParameterHeaders = { Path: '/path' };

/** Header values are bytes: other characters cannot be sent. */
const headerOf = (random: Random, text: string): string =>
  (random.chance(0.3) ? mutateText(random, text) : text).replaceAll(/[^\x20-\x7e]/g, '_');

function someHeaders(random: Random, method: string): Headers {
  const headers = new Headers();
  if (random.chance(0.4)) headers.set('mcp-method', headerOf(random, method));
  if (random.chance(0.4)) headers.set('mcp-name', headerOf(random, NAME));
  else if (random.chance(0.2)) {
    const encoded = Buffer.from(NAME).toString('base64');
    headers.set('mcp-name', headerOf(random, `=?base64?${encoded}?=`));
  }
  if (random.chance(0.1)) headers.set('mcp-param-path', headerOf(random, CANARY));
  return headers;
}

function randomBody(random: Random): { readonly body: BodyInit; readonly method: string } {
  const method = random.pick(['tools/call', 'tools/list', 'initialize', 'resources/read']);
  const params = { name: NAME, arguments: { path: CANARY }, _meta: { token: CANARY } };
  const message = { jsonrpc: '2.0', ...(random.chance(0.9) && { id: 7 }), method, params };
  const whole: Json = random.chance(0.05) ? [message] : message;
  const changed = random.chance(0.6) ? mutateJsonOften(random, whole) : whole;
  const text = writeJson(random, changed).toWellFormed(); // A text body is sent as UTF-8.
  if (random.chance(0.02)) return { body: text.padEnd(300_000), method };
  if (random.chance(0.03)) return { body: Uint8Array.of(0xff, ...Buffer.from(text)), method };
  return { body: text, method };
}

/** A header that a router decides by must repeat the argument that the server decides by. */
function claimParameters(headers: Headers, message: McpMessage, body: BodyInit): void {
  const sent = headers.get('mcp-param-path');
  if (message.method !== 'tools/call') {
    claim(sent === null, 'a method without arguments has one in a header', body);
    return;
  }
  const args = message.params?.arguments;
  if (!isJsonObject(args)) return; // Such a call is denied.
  const accepts = (given: Headers, expected = TOOL_HEADERS, isRequired = false): boolean =>
    mismatchedParameter(given, expected, args, isRequired) === undefined;
  claim(sent === null || !accepts(headers, {}), 'a header repeats no argument of the tool', body);
  const value = args.path;
  const isRepeated =
    sent !== null && ['string', 'number', 'boolean'].includes(typeof value)
      ? decodeHeader(sent) === String(value)
      : sent === null;
  claim(accepts(headers) === isRepeated, 'a header has another argument', { sent, body });
  const made = new Headers(parameterHeaders(TOOL_HEADERS, args).map(([...entry]) => entry));
  claim(accepts(made, TOOL_HEADERS, true), 'the headers that were made are refused', body);
}

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? 1 + Math.max(0, ...Object.values(value).map(depthOf))
    : 0;

const outcomes: Record<'ok' | MessageError['code'], Reached> = {
  ok: 'seen',
  message_too_large: 'seen',
  message_malformed: 'seen',
  batch_refused: 'seen',
  header_mismatch: 'seen',
};

export const mcpMessages: ParserCampaign = {
  name: 'mcp',
  outcomes,
  cases: 4_000,
  attempt: async (random) => {
    const { body, method } = randomBody(random);
    const headers = someHeaders(random, method);
    const read = await readMessage(new Request(URL_, { method: 'POST', body, headers }));
    if (!read.ok) {
      const denial = denialResponse(read.error);
      claimSilent(`${await denial.text()}${JSON.stringify([...denial.headers])}`);
      claim(
        denial.status >= 400 && denial.status < 500,
        'a denial has a status that is not 4xx',
        read.error,
      );
      return read.error.code;
    }
    claim(typeof body === 'string', 'a body that is not UTF-8 is accepted', read.value);
    claim(
      isDeepStrictEqual({ jsonrpc: '2.0', ...read.value }, JSON.parse(body)),
      'the message has changed',
      body,
    );
    claim(
      depthOf(read.value) <= 64,
      'a message that is nested too deeply is accepted',
      body.slice(0, 300),
    );
    // The forwarded message is serialized again, and must be the same to the next reader.
    const forwarded = JSON.stringify({ jsonrpc: '2.0', ...read.value });
    const again = await readMessage(
      new Request(URL_, { method: 'POST', body: forwarded, headers }),
    );
    claim(
      again.ok && isDeepStrictEqual(again.value, read.value),
      'the forwarded message is read differently',
      body,
    );
    if (!('method' in read.value)) return 'ok';
    const [sentMethod, named] = [headers.get('mcp-method'), headers.get('mcp-name')];
    claim(
      sentMethod === null || sentMethod === read.value.method,
      'a header names another method',
      body,
    );
    const plain = named === null || named.startsWith('=?') || named === read.value.params?.name;
    claim(plain, 'a header names another tool', { named, body });
    claimParameters(headers, read.value, body);
    return 'ok';
  },
};
