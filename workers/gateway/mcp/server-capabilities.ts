import { isJsonObject, type JsonObject } from '../../../src/canonical-json.ts';
import { carriedRevisions } from './known-revisions.ts';

const TASKS = 'io.modelcontextprotocol/tasks';

/** The capabilities of a server that the gateway carries, and the parts of each. */
const CARRIED: Readonly<Record<string, readonly string[]>> = {
  completions: [],
  logging: [],
  prompts: ['listChanged'],
  resources: ['listChanged', 'subscribe'],
  tools: ['listChanged'],
  tasks: ['list', 'cancel', 'requests'],
};

/**
 * Shows what a server says about itself as far as the gateway carries it. A client that reads of
 * more would use it and be denied.
 */
export function carriedDescription(answer: JsonObject): JsonObject {
  const { result } = answer;
  if (!isJsonObject(result)) return answer;
  const { capabilities, supportedVersions: versions } = result;
  const carried = {
    ...result,
    ...(isJsonObject(capabilities) && { capabilities: carriedCapabilities(capabilities) }),
    ...(Array.isArray(versions) && { supportedVersions: carriedRevisions(versions) }),
  };
  return { ...answer, result: carried };
}

function carriedCapabilities(capabilities: JsonObject): JsonObject {
  const kept = Object.entries(CARRIED).flatMap(([name, parts]) => {
    const capability = Object.hasOwn(capabilities, name) ? capabilities[name] : undefined;
    return isJsonObject(capability) ? [[name, only(capability, parts)] as const] : [];
  });
  const { extensions } = capabilities;
  return {
    ...Object.fromEntries(kept),
    ...(isJsonObject(extensions) && { extensions: only(extensions, [TASKS]) }),
  };
}

const only = (given: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(given).filter(([name]) => names.includes(name)));
