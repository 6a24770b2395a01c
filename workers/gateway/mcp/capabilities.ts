import { isJsonObject, type JsonObject } from '../../../src/canonical-json.ts';
import type { ServerRequest } from '../../../src/upstream/index.ts';

const TASKS = 'io.modelcontextprotocol/tasks';

/** The parts of a capability that a server may rely on. Each is an empty object, or a flag. */
const PARTS: Readonly<Record<ServerRequest, readonly string[]>> = {
  elicitation: ['form', 'url'],
  sampling: ['context', 'tools'],
  roots: ['listChanged'],
};

/**
 * Returns the capabilities of a client as its server learns them: only what the gateway passes on.
 * A server that knows of a capability uses it, and then waits for an answer that never comes.
 */
export function forwardedCapabilities(
  capabilities: JsonObject,
  allowed: readonly ServerRequest[],
): JsonObject {
  const asked = allowed.flatMap((name) => {
    const capability = Object.hasOwn(capabilities, name) ? capabilities[name] : undefined;
    return isJsonObject(capability) ? [[name, partsOf(capability, PARTS[name])] as const] : [];
  });
  const { extensions } = capabilities;
  const hasTasks = isJsonObject(extensions) && isJsonObject(extensions[TASKS]);
  return {
    ...Object.fromEntries(asked),
    ...(hasTasks && { extensions: { [TASKS]: {} } }),
  };
}

const partsOf = (capability: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(
    names.flatMap((name) => {
      const part = Object.hasOwn(capability, name) ? capability[name] : undefined;
      if (isJsonObject(part)) return [[name, {}]];
      return typeof part === 'boolean' ? [[name, part]] : [];
    }),
  );
