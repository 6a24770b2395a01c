import type { Json, JsonObject } from '../canonical-json.ts';
import { fromUtf8, utf8 } from '../encoding.ts';

/** The revision in which headers repeat parts of the body, for routers that do not read it. */
const HEADERS_SINCE = '2026-07-28';
/** Starts the headers that repeat arguments of a `tools/call`. No other method has them. */
export const PARAMETER_PREFIX = 'mcp-param-';
const NAMED_BY = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  // SEP-2663: so that requests about a task reach the instance that has it.
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
} as const satisfies Readonly<Record<string, string>>;

/** Returns what a message names, which `Mcp-Name` repeats. */
export function nameOf(method: string, params: JsonObject | undefined): Json | undefined {
  return Object.hasOwn(NAMED_BY, method)
    ? params?.[NAMED_BY[method as keyof typeof NAMED_BY]]
    : undefined;
}

/** Whether the revision of a message requires the headers that repeat its body. */
export function repeatsBody(headers: Headers): boolean {
  const version = headers.get('mcp-protocol-version');
  return version !== null && version >= HEADERS_SINCE;
}

/** What of a message its headers repeat. */
interface Repeated {
  readonly method: string;
  readonly params?: JsonObject;
}

/**
 * Returns the header that contradicts the body, or that the revision requires and is missing. If
 * the two differ, one reader is deceived.
 */
export function mismatchedHeader(headers: Headers, message: Repeated): string | undefined {
  const { method, params } = message;
  const isRequired = repeatsBody(headers);
  const named = headers.get('mcp-method');
  if (named === null ? isRequired : named !== method) return 'mcp-method';
  const name = headers.get('mcp-name');
  const expected = nameOf(method, params);
  if (name === null) {
    if (isRequired && typeof expected === 'string') return 'mcp-name';
  } else if (decodeHeader(name) !== (expected ?? params?.name ?? params?.uri)) return 'mcp-name';
  if (method !== 'tools/call') {
    const parameter = [...headers.keys()].find((header) => header.startsWith(PARAMETER_PREFIX));
    if (parameter !== undefined) return parameter;
  }
  const version = headers.get('mcp-protocol-version');
  const inBody = versionIn(params);
  return inBody !== undefined && version !== null && inBody !== version
    ? 'mcp-protocol-version'
    : undefined;
}

function versionIn(params: JsonObject | undefined): Json | undefined {
  const meta = params?._meta;
  return Object(meta)['io.modelcontextprotocol/protocolVersion'];
}

const ENCODED = /^=\?base64\?(.*)\?=$/s;

/** Decodes `=?base64?…?=`, which carries text that is not plain ASCII. */
export function decodeHeader(value: string): string | undefined {
  const [, encoded] = ENCODED.exec(value) ?? [];
  if (encoded === undefined) return value;
  try {
    const text = fromUtf8(Uint8Array.from(atob(encoded), (sign) => sign.charCodeAt(0)));
    // One text has one encoding: padding and trailing bits are as an encoder writes them.
    return text !== undefined && base64Of(text) === encoded ? text : undefined;
  } catch {
    return undefined;
  }
}

/** Encodes text that is not plain ASCII, or that would be decoded. */
export function encodeHeader(text: string): string {
  const isPlain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text);
  return isPlain && !ENCODED.test(text) ? text : `=?base64?${base64Of(text)}?=`;
}

const base64Of = (text: string): string => btoa(String.fromCharCode(...utf8(text)));
