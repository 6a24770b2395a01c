import * as v from 'valibot';
import { isJsonObject, type Json, type JsonObject } from '../../canonical-json.ts';
import { pointerTo } from '../../json-pointer.ts';
import { text } from './base.ts';

// Half of what the log keeps of a record before it replaces parts by digests.
const SAMPLE_CHARACTERS_MAX = 2_048;
/** A longer text is content. Its value bounds nothing. */
const SAMPLE_TEXT_CHARACTERS_MAX = 256;
const SAMPLE_DEPTH_MAX = 6;
const SAMPLE_MEMBERS_MAX = 32; // Of one object or list.
const SAMPLE_CUTS_MAX = 16;
const POINTER_CHARACTERS_MAX = 128;
const SOURCE_CHARACTERS_MAX = 64;

/** Not `JsonObject`: the compiler cannot follow a recursive type through RPC. */
export interface SampledArguments {
  readonly [name: string]: string | number | boolean | null | object;
}

/** The arguments of a call, as far as a record may have them. */
const sampled = v.custom<SampledArguments>(
  (value) => isJsonObject(value) && isSampleSized(value) && isPlain(value, 0),
  'not a bounded JSON object',
);

/** Who called, if no token says it. */
const callSource = v.strictObject({
  /** The source address that the platform reports; an IPv6 address as its /64 network. */
  address: v.optional(text(SOURCE_CHARACTERS_MAX)),
  /** A keyed digest of the caller's own credential: the same one at the same gateway. */
  credential: v.optional(text(SOURCE_CHARACTERS_MAX)),
});

export const callSample = v.strictObject({
  arguments: v.optional(sampled),
  /**
   * RFC 6901 pointers of what was left out of `arguments`: too long, too much, or like a secret.
   */
  cut: v.optional(v.pipe(v.array(text(POINTER_CHARACTERS_MAX)), v.maxLength(SAMPLE_CUTS_MAX))),
  source: v.optional(callSource),
});

/** Where a call without a token came from. */
export type CallSource = v.InferOutput<typeof callSource>;

/** What a route that observes keeps of a call, for `hewn observe`. */
export type CallSample = v.InferOutput<typeof callSample>;

/**
 * Returns the sample of a call: its arguments within bounds, without what looks like a secret, and
 * its source.
 */
export function sampleOf(args: unknown, source?: CallSource): CallSample {
  const cut: string[] = [];
  const kept = isJsonObject(args) ? shorten(args, { pointer: '', depth: 0, cut }) : undefined;
  const fitting = isJsonObject(kept) ? trim(kept, cut) : undefined;
  // With more cuts than a record can name, nothing says which parts are whole.
  const isOpaque =
    cut.length > SAMPLE_CUTS_MAX || cut.some(({ length }) => length > POINTER_CHARACTERS_MAX);
  return {
    ...(fitting && !isOpaque && { arguments: fitting }),
    ...(isOpaque ? { cut: [''] } : cut.length > 0 && { cut }),
    ...(source && { source }),
  };
}

interface Place {
  readonly pointer: string;
  readonly depth: number;
  /** Collects the pointers of what is left out. */
  readonly cut: string[];
}

/** Returns the value within bounds; undefined if it is left out. */
function shorten(value: Json, place: Place): Json | undefined {
  const { pointer, depth, cut } = place;
  const leaveOut = () => void cut.push(pointer);
  if (cut.length > SAMPLE_CUTS_MAX) return undefined;
  if (typeof value === 'string') {
    const isKept =
      value.length <= SAMPLE_TEXT_CHARACTERS_MAX && value.isWellFormed() && !isSecret(value);
    return isKept ? value : leaveOut();
  }
  if (typeof value === 'number') return Number.isFinite(value) ? value : leaveOut();
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value as Record<string, Json>);
  if (depth === SAMPLE_DEPTH_MAX || members.length > SAMPLE_MEMBERS_MAX) return leaveOut();
  const kept = members.flatMap(([name, member]): [string, Json][] => {
    const at = { pointer: pointerTo(pointer, name), depth: depth + 1, cut };
    if (SECRET_NAME.test(name) || !name.isWellFormed()) {
      cut.push(at.pointer.toWellFormed());
      return [];
    }
    const shortened = shorten(member, at);
    return shortened === undefined ? [] : [[name, shortened]];
  });
  if (!Array.isArray(value)) return Object.fromEntries(kept);
  // A list without one of its elements would be another list.
  return kept.length === members.length ? kept.map(([, element]) => element) : leaveOut();
}

/** Leaves out the longest members until the rest has the size of a sample. */
function trim(args: JsonObject, cut: string[]): JsonObject {
  const members = Object.entries(args);
  const lengths = members.map(([name, value]) => JSON.stringify([name, value]).length);
  let length = lengths.reduce((sum, one) => sum + one, 2);
  const longest = members
    .map(([name], index) => ({ name, length: lengths[index] ?? 0 }))
    .sort((a, b) => b.length - a.length);
  const dropped = new Set<string>();
  for (const one of longest) {
    if (length <= SAMPLE_CHARACTERS_MAX) break;
    length -= one.length;
    dropped.add(one.name);
    cut.push(pointerTo('', one.name));
  }
  return Object.fromEntries(members.filter(([name]) => !dropped.has(name)));
}

/** Names of arguments that hold credentials, whatever their values look like. */
const SECRET_NAME =
  /pass(?:word|wd|phrase|code)|secret|token|api[-_]?key|private[-_]?key|credential|authorization|cookie|\bpin\b|\botp\b/i;

/** Forms of credentials, wherever they stand in a text. */
const SECRET_FORMS: readonly RegExp[] = [
  /\beyJ[\w-]{8,}\.[\w-]+\./, // JWS and JWE
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\b(?:Bearer|Basic|DPoP) +[\w+/=.~-]{8,}/i,
  /\b(?:sk|rk|pk|ghp|gho|ghs|ghu|github_pat|glpat|xox[abeprs]|AKIA|ASIA|AIza)[-_A-Z0-9][\w-]{12,}/,
  /:\/\/[^\s/@]+:[^\s/@]+@/, // User and password in a URL
  /(?<![\w/+-])[\w+/-]{64,}={0,2}(?![\w/+-])/, // A Biscuit, or any other long run of base64
];

const isSecret = (value: string): boolean => SECRET_FORMS.some((form) => form.test(value));

function isSampleSized(value: JsonObject): boolean {
  try {
    return JSON.stringify(value).length <= SAMPLE_CHARACTERS_MAX;
  } catch {
    return false; // It contains itself, or nests beyond the stack.
  }
}

/** Whether the value is JSON that can be hashed. Its size is bounded already. */
function isPlain(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object') return typeof value === 'boolean';
  if (value === null) return true;
  return (
    depth <= SAMPLE_DEPTH_MAX &&
    Object.entries(value).every(
      ([name, member]) => name.isWellFormed() && isPlain(member, depth + 1),
    )
  );
}
