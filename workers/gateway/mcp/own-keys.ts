import { isJsonObject, type JsonObject } from '../../../src/canonical-json.ts';

/**
 * Returns the answer of a server without what only the gateway says. A server could otherwise write
 * a denial of its own, and make an agent ask the issuer for grants that the server wants it to
 * have.
 */
export function withoutOwnKeys(answer: JsonObject): JsonObject {
  return removeFrom(removeFrom(answer, 'result', '_meta', OWN), 'error', 'data', DETAILS);
}

const OWN = /^hewn(?:\.dev)?\//i;
const DETAILS = /^authorization_details$/;

function removeFrom(answer: JsonObject, part: string, member: string, names: RegExp): JsonObject {
  const outer = Object.hasOwn(answer, part) ? answer[part] : undefined;
  const inner = isJsonObject(outer) && Object.hasOwn(outer, member) ? outer[member] : undefined;
  if (!isJsonObject(outer) || !isJsonObject(inner)) return answer;
  const entries = Object.entries(inner);
  const kept = entries.filter(([name]) => !names.test(name));
  if (kept.length === entries.length) return answer;
  return { ...answer, [part]: { ...outer, [member]: Object.fromEntries(kept) } };
}
