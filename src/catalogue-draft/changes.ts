import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../canonical-json.ts';
import { pointerTo } from '../json-pointer.ts';
import type { ServerListing } from '../server-listing/index.ts';

/** What a server says differently than before. */
export interface Change {
  readonly change: 'added' | 'removed' | 'changed';
  readonly what: 'tool' | 'resource' | 'prompt';
  readonly name: string;
  /** Of a changed tool: each member of its definition that differs, by an RFC 6901 pointer. */
  readonly members?: readonly MemberChange[];
}

export interface MemberChange {
  readonly pointer: string;
  /** Absent if the member is new. */
  readonly before?: Json;
  /** Absent if the member is gone. */
  readonly after?: Json;
}

const MEMBERS_MAX = 50; // Of one tool: more is a new tool.

/**
 * Returns what differs between two listings of one server. A description counts like a schema: a
 * model reads it, so a server that changes it can change what agents do.
 */
export function changesBetween(before: ServerListing, after: ServerListing): readonly Change[] {
  const tools = new Map(before.tools.map(({ name, definition }) => [name, definition]));
  const now = new Map(after.tools.map(({ name, definition }) => [name, definition]));
  const changed = [...now].flatMap(([name, definition]): readonly Change[] => {
    const old = tools.get(name);
    if (!old) return [{ change: 'added', what: 'tool', name }];
    const members = memberChanges(old, definition, '').slice(0, MEMBERS_MAX);
    return members.length === 0 ? [] : [{ change: 'changed', what: 'tool', name, members }];
  });
  const removed = [...tools.keys()]
    .filter((name) => !now.has(name))
    .map((name): Change => ({ change: 'removed', what: 'tool', name }));
  return [
    ...changed,
    ...removed,
    ...nameChanges('resource', before.resources, after.resources),
    ...nameChanges('prompt', before.prompts, after.prompts),
  ];
}

function nameChanges(
  what: Change['what'],
  before: readonly string[],
  after: readonly string[],
): readonly Change[] {
  return [
    ...after
      .filter((name) => !before.includes(name))
      .map((name): Change => ({ change: 'added', what, name })),
    ...before
      .filter((name) => !after.includes(name))
      .map((name): Change => ({ change: 'removed', what, name })),
  ];
}

function memberChanges(before: Json, after: Json, pointer: string): readonly MemberChange[] {
  if (!isJsonObject(before) || !isJsonObject(after)) {
    return canonicalJson(before) === canonicalJson(after) ? [] : [{ pointer, before, after }];
  }
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) => {
    const inner = pointerTo(pointer, name);
    const [old, now] = [own(before, name), own(after, name)];
    if (old === undefined) return now === undefined ? [] : [{ pointer: inner, after: now }];
    return now === undefined ? [{ pointer: inner, before: old }] : memberChanges(old, now, inner);
  });
}

const own = (object: JsonObject, name: string): Json | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined;
