/**
 * The largest input on each path that a stranger's bytes reach: anything larger is refused by size
 * before it is parsed.
 */
import { canonicalJson, type JsonObject } from '../../src/canonical-json.ts';
import { checkCall, parseArgumentConstraints, readScope } from '../../src/capability/index.ts';
import { checkProof } from '../../src/dpop/index.ts';
import { decodeRecords, encodeEntry } from '../../src/feed/log/index.ts';
import { readUnverified } from '../../src/identity/unverified.ts';
import { readMessage } from '../../workers/gateway/mcp/message.ts';
import { parseForm } from '../../workers/issuer/platform/form-body.ts';
import { readTokenRequest } from '../../workers/issuer/token/read.ts';

export interface Path {
  readonly name: string;
  /** Bytes of the largest input that is not refused by size before it is parsed. */
  readonly bytesMax: number;
  readonly run: (bytes: number) => () => unknown;
}

const KIB = 1024;
const AUDIENCES = ['https://gateway.example'];

/** Returns as many copies of a part as fit. */
const repeated = (bytes: number, part: (index: number) => string, between = ','): string => {
  const parts: string[] = [];
  for (let length = 0, i = 0; ; i++) {
    const next = part(i);
    length += next.length + between.length;
    if (length > bytes) return parts.join(between);
    parts.push(next);
  }
};

const form = (text: string) => () => {
  const parsed = parseForm(text);
  return parsed.ok ? readTokenRequest(parsed.value, AUDIENCES) : parsed;
};

const details = (json: string) =>
  form(
    new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: 'a',
      client_assertion: 'a.b.c',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      resource: AUDIENCES[0] ?? '',
      authorization_details: json,
    }).toString(),
  );

const base64 = (text: string) => Buffer.from(text).toString('base64url');
const jwt = (payload: string) => `${base64('{"alg":"ES256"}')}.${base64(payload)}.${base64('s')}`;

const message = (params: string) => () =>
  readMessage(
    new Request('https://gateway.example/mcp/files', {
      method: 'POST',
      body: `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`,
    }),
  );

const args = (value: JsonObject) => () =>
  checkCall({ tool: 'a', action: 'read', dataset: ['a'], args: value });

const entry = encodeEntry({
  kind: 'block',
  id: 'ab'.repeat(64),
  seq: 1,
  at: 1,
  expires: 2,
} as never);

export const PATHS: readonly Path[] = [
  {
    name: 'form: distinct parameters',
    bytesMax: 64 * KIB,
    run: (bytes) => form(repeated(bytes, (i) => `p${i}=`, '&')),
  },
  {
    name: 'form: one parameter, percent-encoded',
    bytesMax: 64 * KIB,
    run: (bytes) => form(`scope=${'%61'.repeat(bytes / 3)}`),
  },
  {
    name: 'authorization_details: members',
    bytesMax: 32 * KIB,
    run: (bytes) => details(`[{"type":"hewn_task",${repeated(bytes, (i) => `"m${i}":1`)}}]`),
  },
  {
    name: 'authorization_details: grants',
    bytesMax: 24 * KIB,
    run: (bytes) => {
      const grants = repeated(bytes, (i) => `{"tool":"t${i}","action":"read","dataset":"d"}`);
      return details(`[{"type":"hewn_task","task":"t","grants":[${grants}]}]`);
    },
  },
  {
    name: 'authorization_details: constraints',
    bytesMax: 24 * KIB,
    run: (bytes) => {
      const constraints = repeated(bytes, (i) => `"/a/b${i}":{"absent":true}`);
      const grant = `{"tool":"t","action":"read","dataset":"d","constraints":{${constraints}}}`;
      return details(`[{"type":"hewn_task","task":"t","grants":[${grant}]}]`);
    },
  },
  {
    name: 'authorization_details: nesting',
    bytesMax: 32 * KIB,
    run: (bytes) => details('['.repeat(bytes / 2) + ']'.repeat(bytes / 2)),
  },
  {
    name: 'scope: grants',
    bytesMax: 32 * KIB,
    run: (bytes) => {
      const scope = repeated(bytes, (i) => `t${i}:read:d/${i}`, ' ');
      return () => readScope(scope);
    },
  },
  {
    name: 'JWT: claims',
    bytesMax: 11 * KIB,
    run: (bytes) => {
      const token = jwt(`{${repeated(bytes, (i) => `"c${i}":1`)}}`);
      return () => readUnverified(token);
    },
  },
  {
    name: 'DPoP proof: header members',
    bytesMax: 2 * KIB,
    run: (bytes) => {
      const header = base64(`{"alg":"ES256",${repeated(bytes, (i) => `"c${i}":1`)}}`);
      const proof = `${header}.${base64('{}')}.${base64('s')}`;
      const expected = { method: 'POST', url: 'https://issuer.example/token', now: 0 };
      return () => checkProof(proof, expected);
    },
  },
  {
    name: 'MCP message: members',
    bytesMax: 250 * KIB,
    run: (bytes) => message(`{${repeated(bytes, (i) => `"m${i}":1`)}}`),
  },
  {
    name: 'MCP message: list',
    bytesMax: 250 * KIB,
    run: (bytes) => message(`{"arguments":{"a":[${repeated(bytes, () => '0')}]}}`),
  },
  {
    name: 'arguments: one long text',
    bytesMax: 250 * KIB,
    run: (bytes) => args({ a: 'a'.repeat(bytes) }),
  },
  {
    name: 'arguments: one long text that begins like a URL',
    bytesMax: 250 * KIB,
    run: (bytes) => args({ a: `https://a/${'a/'.repeat(bytes / 2)}` }),
  },
  {
    name: 'arguments: one long text of colons',
    bytesMax: 250 * KIB,
    run: (bytes) => args({ a: ':'.repeat(bytes) }),
  },
  {
    name: 'arguments: members',
    bytesMax: 250 * KIB,
    run: (bytes) => args(JSON.parse(`{${repeated(bytes, (i) => `"m${i}":1`)}}`)),
  },
  {
    name: 'arguments: nesting',
    bytesMax: 250 * KIB,
    run: (bytes) => args(JSON.parse(`{"a":${'['.repeat(bytes / 2)}${']'.repeat(bytes / 2)}}`)),
  },
  {
    name: 'canonical JSON: members',
    bytesMax: 250 * KIB,
    run: (bytes) => {
      const value = JSON.parse(`{${repeated(bytes, (i) => `"m${i * 7919}":1`)}}`) as JsonObject;
      return () => canonicalJson(value);
    },
  },
  {
    name: 'constraints of one grant',
    bytesMax: 16 * KIB,
    run: (bytes) => {
      const value = JSON.parse(`{${repeated(bytes, (i) => `"/a/b${i}":{"oneOf":[1,2]}`)}}`);
      return () => parseArgumentConstraints(value);
    },
  },
  {
    name: 'feed: records of a delta',
    bytesMax: 1024 * KIB,
    run: (bytes) => {
      const records = Buffer.concat(
        Array.from({ length: Math.floor(bytes / entry.length) }, () => entry),
      );
      return () => decodeRecords(new Uint8Array(records));
    },
  },
];
