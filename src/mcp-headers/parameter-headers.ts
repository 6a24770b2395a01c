import { isJsonObject, type Json, type JsonObject } from '../canonical-json.ts';
import { readPointer } from '../json-pointer.ts';
import { decodeHeader, encodeHeader, PARAMETER_PREFIX } from './headers.ts';

/** The headers that repeat arguments of a tool: each name, and the pointer to its argument. */
export type ParameterHeaders = Readonly<Record<string, string>>;

/**
 * Returns the `Mcp-Param-*` header that does not repeat its argument: it has another value, is
 * missing beside an argument, stands beside none, or is not one of the tool's. A router would
 * decide by it, and the server by the body.
 */
export function mismatchedParameter(
  sent: Headers,
  expected: ParameterHeaders,
  args: JsonObject,
  isRequired: boolean,
): string | undefined {
  const values = new Map(
    Object.entries(expected).map(([name, pointer]) => [
      PARAMETER_PREFIX + name.toLowerCase(),
      valueAt(args, pointer),
    ]),
  );
  for (const [header, value] of sent) {
    if (!header.startsWith(PARAMETER_PREFIX)) continue;
    if (!values.has(header) || !repeats(value, values.get(header))) return header;
  }
  return isRequired
    ? [...values].find(([header, value]) => textOf(value) !== undefined && !sent.has(header))?.[0]
    : undefined;
}

/** Makes the headers for the server from the arguments that were judged. */
export function parameterHeaders(
  expected: ParameterHeaders,
  args: JsonObject,
): readonly (readonly [name: string, value: string])[] {
  return Object.entries(expected).flatMap(([name, pointer]) => {
    const text = textOf(valueAt(args, pointer));
    return text === undefined ? [] : [[`Mcp-Param-${name}`, encodeHeader(text)] as const];
  });
}

function valueAt(args: JsonObject, pointer: string): Json | undefined {
  let value: Json | undefined = args;
  for (const segment of readPointer(pointer) ?? []) {
    if (!isJsonObject(value) || !Object.hasOwn(value, segment)) return undefined;
    value = value[segment];
  }
  return value;
}

/** Only texts, integers and booleans are repeated. A lone surrogate has no UTF-8, so no header. */
function textOf(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value.isWellFormed() ? value : undefined;
  if (typeof value === 'boolean') return String(value);
  return Number.isSafeInteger(value) ? String(value) : undefined;
}

function repeats(header: string, value: Json | undefined): boolean {
  const decoded = decodeHeader(header);
  if (decoded === undefined || textOf(value) === undefined) return false;
  // Numbers are compared as numbers: 42.0 is 42.
  return typeof value === 'number'
    ? /^-?(?:0|[1-9]\d*)(?:\.0+)?$/.test(decoded) && Number(decoded) === value
    : decoded === textOf(value);
}
