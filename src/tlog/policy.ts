import type { UnixSeconds } from '../clock.ts';
import { toHex } from '../encoding.ts';
import { ok, type Result, refuse } from '../result.ts';
import { type NoteKey, noteKey, readVerifierKey } from './key.ts';

/** A log or a witness of a policy. */
export interface Party {
  /** How the policy calls it: a log by its origin, a witness by the name in its line. */
  readonly name: string;
  readonly key: NoteKey;
  /** Where a witness takes checkpoints: its submission prefix. */
  readonly url?: string;
}

/** A group of witnesses and groups, of which `threshold` must have cosigned. */
export interface Group {
  readonly name: string;
  readonly threshold: number;
  readonly members: readonly string[];
}

/** Whom a reader of a log believes: c2sp.org/tlog-policy. */
export interface Policy {
  readonly logs: readonly Party[];
  readonly witnesses: readonly Party[];
  readonly groups: readonly Group[];
  /** The name of a witness or a group, or `none`. */
  readonly quorum: string;
}

/** Why a policy is refused. */
export type PolicyFaultCode =
  | 'character_invalid'
  | 'line_malformed'
  /** A verifier key that cannot be read, or whose id is not its own. */
  | 'key_malformed'
  /** A key of another type: a log signs with Ed25519 (0x01), a witness cosigns with it (0x04). */
  | 'key_unsupported'
  /** The same public key twice, also under other names: one witness would count as two. */
  | 'key_duplicate'
  | 'name_taken'
  | 'name_unknown'
  /** A name counts in one group alone. */
  | 'member_of_two_groups'
  | 'threshold_invalid'
  | 'quorum_missing'
  | 'quorum_twice'
  | 'too_long';

/** A fault of a policy, with its line, 1 for the first; 0 for the whole text. */
export interface PolicyFault {
  readonly line: number;
  readonly code: PolicyFaultCode;
}

/** The format asks for 32 of each. */
const EACH_MAX = 64;
const POLICY_CHARACTERS_MAX = 64 * 1024;
const NONE = 'none';

/**
 * Reads a policy. Names are compared as they are written; nothing of them is normalised.
 *
 * @example
 * ```ts
 * import { readPolicy } from 'hewn/tlog';
 *
 * const policy = readPolicy(`
 *   witness w1 witness.example/w1+9424a3d2+BPhFnuEjj6K9P/UHWssQRDoVRNi2r4otjnDcSOsac4cE
 *   quorum w1
 * `);
 * console.assert(policy.ok && policy.value.witnesses[0]?.name === 'w1');
 * ```
 */
export function readPolicy(text: string): Result<Policy, PolicyFault> {
  if (text.length > POLICY_CHARACTERS_MAX) return refuse({ line: 0, code: 'too_long' });
  const reader = new PolicyReader();
  for (const [index, line] of text.split('\n').entries()) {
    const code = reader.read(line);
    if (code) return refuse({ line: index + 1, code });
  }
  const { logs, witnesses, groups, quorum } = reader;
  if (quorum === undefined) return refuse({ line: 0, code: 'quorum_missing' });
  return ok({ logs, witnesses, groups, quorum });
}

class PolicyReader {
  readonly logs: Party[] = [];
  readonly witnesses: Party[] = [];
  readonly groups: Group[] = [];
  quorum: string | undefined;
  readonly #members = new Set<string>();
  readonly #logKeys = new Set<string>();
  readonly #witnessKeys = new Set<string>();

  read(line: string): PolicyFaultCode | undefined {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the format allows the tab alone.
    if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(line)) return 'character_invalid';
    if (!line.isWellFormed()) return 'character_invalid';
    const items = line.split(/[ \t]+/).filter((item) => item !== '');
    const [keyword = '', ...rest] = items;
    if (keyword === '' || keyword.startsWith('#')) return undefined;
    if (keyword === 'log') return this.#log(rest);
    if (keyword === 'witness') return this.#witness(rest);
    if (keyword === 'group') return this.#group(rest);
    if (keyword === 'quorum') return this.#quorum(rest);
    return 'line_malformed';
  }

  #log(items: readonly string[]): PolicyFaultCode | undefined {
    const [text, url] = items;
    if (text === undefined || items.length > 2) return 'line_malformed';
    const key = keyFor('log', text, this.#logKeys);
    if (typeof key === 'string') return key;
    if (this.logs.length === EACH_MAX) return 'too_long';
    this.logs.push({ name: key.name, key, ...(url !== undefined && { url }) });
    return undefined;
  }

  #witness(items: readonly string[]): PolicyFaultCode | undefined {
    const [name, text, url] = items;
    if (name === undefined || text === undefined || items.length > 3) return 'line_malformed';
    if (this.#isDefined(name)) return 'name_taken';
    const key = keyFor('witness', text, this.#witnessKeys);
    if (typeof key === 'string') return key;
    if (this.witnesses.length === EACH_MAX) return 'too_long';
    this.witnesses.push({ name, key, ...(url !== undefined && { url }) });
    return undefined;
  }

  #group(items: readonly string[]): PolicyFaultCode | undefined {
    const [name, count, ...members] = items;
    if (name === undefined || count === undefined || members.length === 0) return 'line_malformed';
    if (this.#isDefined(name)) return 'name_taken';
    for (const member of members) {
      if (member === NONE || !this.#isDefined(member)) return 'name_unknown';
      if (this.#members.has(member)) return 'member_of_two_groups';
      this.#members.add(member);
    }
    const threshold = thresholdOf(count, members.length);
    if (threshold === undefined) return 'threshold_invalid';
    if (this.groups.length === EACH_MAX) return 'too_long';
    this.groups.push({ name, threshold, members });
    return undefined;
  }

  #quorum(items: readonly string[]): PolicyFaultCode | undefined {
    const [name] = items;
    if (name === undefined || items.length > 1) return 'line_malformed';
    if (this.quorum !== undefined) return 'quorum_twice';
    if (!this.#isDefined(name)) return 'name_unknown';
    this.quorum = name;
    return undefined;
  }

  #isDefined(name: string): boolean {
    const isName = (one: { readonly name: string }) => one.name === name;
    return name === NONE || this.witnesses.some(isName) || this.groups.some(isName);
  }
}

function keyFor(use: NoteKey['use'], text: string, seen: Set<string>): NoteKey | PolicyFaultCode {
  const key = readVerifierKey(text);
  if (!key.ok) return key.error;
  const { name, publicKey } = key.value;
  if (use === 'log' && key.value.use !== 'log') return 'key_unsupported';
  const bytes = toHex(publicKey);
  if (seen.has(bytes)) return 'key_duplicate';
  seen.add(bytes);
  // Lists of witnesses from before 2026 write their keys with the type of logs, 0x01. The
  // witness still cosigns with 0x04, under the id that follows from it.
  return use === 'witness' ? noteKey(name, 'witness', publicKey) : key.value;
}

function thresholdOf(count: string, members: number): number | undefined {
  if (count === 'any') return 1;
  if (count === 'all') return members;
  const threshold = /^[1-9]\d*$/.test(count) ? Number(count) : 0;
  return threshold >= 1 && threshold <= members ? threshold : undefined;
}

/**
 * Returns the time of a quorum: the latest at which enough witnesses had all seen the checkpoint.
 * For 2 of 3, that is the second newest of their times. Undefined if there is no quorum, and
 * infinite if the policy asks for none. `times` holds those of witnesses, by their names.
 */
export function quorumTime(
  policy: Policy,
  times: ReadonlyMap<string, UnixSeconds>,
): UnixSeconds | undefined {
  if (policy.quorum === NONE) return Number.POSITIVE_INFINITY;
  const timeOf = (name: string): number => {
    const group = policy.groups.find((one) => one.name === name);
    if (!group) return times.get(name) ?? Number.NEGATIVE_INFINITY;
    const newest = group.members.map(timeOf).sort((a, b) => b - a);
    return newest[group.threshold - 1] ?? Number.NEGATIVE_INFINITY;
  };
  const time = timeOf(policy.quorum);
  return time === Number.NEGATIVE_INFINITY ? undefined : time;
}
