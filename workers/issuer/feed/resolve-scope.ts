import type { WatermarkScope } from '../../../src/feed/index.ts';
import {
  type IdentityIssuer,
  resolveIdentity,
  type SpellingFault,
} from '../../../src/identity/index.ts';
import { FEED_WATERMARK_VALUE_BYTES_MAX } from '../../../src/limits.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { isTextOf } from '../platform/bounded-text.ts';

/** The scope that an operator stops or denies, as the request spells it. */
export interface RequestedScope {
  readonly scope: WatermarkScope;
  /** Empty if the scope is `all`. */
  readonly value: string;
}

/** Everything that a token of this issuer can name. */
export interface KnownNames {
  /** The issuer itself, for the identities of its clients. */
  readonly self: string;
  readonly identityIssuers: readonly IdentityIssuer[];
  readonly audiences: readonly string[];
  /** The published root keys: ids to public halves in lower-case hex. */
  readonly keys: ReadonlyMap<string, string>;
  /** The tools of the catalogue; undefined if it cannot be read, and then any name counts. */
  readonly tools: ReadonlySet<string> | undefined;
  /** The owners that the policy can state; undefined if any string may be an owner. */
  readonly owners: readonly string[] | undefined;
}

export type ScopeFault =
  | SpellingFault
  | { readonly code: 'value_missing' | 'value_unexpected' | 'value_malformed' }
  | {
      readonly code:
        | 'key_unpublished'
        | 'owner_unstated'
        | 'audience_unlisted'
        | 'tool_uncatalogued';
      readonly value: string;
    };

/**
 * Returns the spelling that tokens use for a requested scope. Refuses a value that no token can
 * have: its entry would be acknowledged and stop nothing.
 */
export function resolveScope(
  { scope, value }: RequestedScope,
  known: KnownNames,
): Result<string, ScopeFault> {
  if (scope === 'all') return value === '' ? ok('') : refuse({ code: 'value_unexpected' });
  if (value === '') return refuse({ code: 'value_missing' });
  if (!isTextOf(value, FEED_WATERMARK_VALUE_BYTES_MAX)) return refuse({ code: 'value_malformed' });
  switch (scope) {
    case 'issuer_key':
      return resolveKey(value, known);
    case 'agent':
      return qualified(value, known);
    case 'subject':
      return resolveSubject(value, known);
    case 'owner':
      return resolveOwner(value, known);
    case 'audience':
      return known.audiences.includes(value)
        ? ok(value)
        : refuse({ code: 'audience_unlisted', value });
    case 'tool':
      return known.tools === undefined || known.tools.has(value)
        ? ok(value)
        : refuse({ code: 'tool_uncatalogued', value });
  }
}

/**
 * Returns the value for a request with `even_unknown`, or undefined if it is malformed. An issuer,
 * key, tool or owner may have left the configuration while its tokens live.
 */
export function unresolvedValue(
  { scope, value }: RequestedScope,
  fault: ScopeFault,
): string | undefined {
  switch (fault.code) {
    case 'value_missing':
    case 'value_unexpected':
    case 'value_malformed':
      return undefined;
    default:
      return scope === 'issuer_key' && !isKey(value) ? undefined : value;
  }
}

const isKey = (value: string): boolean => /^[0-9a-f]{64}$/.test(value);

function resolveKey(value: string, { keys }: KnownNames): Result<string, ScopeFault> {
  const named = keys.get(value) ?? [...keys.values()].find((key) => key === value);
  return named === undefined ? refuse({ code: 'key_unpublished', value }) : ok(named);
}

function qualified(
  value: string,
  { identityIssuers, self }: KnownNames,
): Result<string, ScopeFault> {
  const resolved = resolveIdentity(value, identityIssuers, self);
  return resolved.ok ? ok(resolved.value.qualified) : resolved;
}

/** The subject of a workflow without a user is its owner. */
function resolveSubject(value: string, known: KnownNames): Result<string, ScopeFault> {
  const identity = qualified(value, known);
  if (identity.ok) return identity;
  const isOwner = known.owners
    ? known.owners.includes(value)
    : identity.error.code === 'spelling_unknown';
  return isOwner ? ok(value) : identity;
}

const resolveOwner = (value: string, { owners }: KnownNames): Result<string, ScopeFault> =>
  owners === undefined || owners.includes(value)
    ? ok(value)
    : refuse({ code: 'owner_unstated', value });

/** Describes a fault to an operator: what is wrong, and what to write instead. */
export function describeFault(fault: ScopeFault, known: KnownNames): string {
  const insist = 'If tokens that name it may still live, set even_unknown.';
  switch (fault.code) {
    case 'value_missing':
      return 'value is missing: it names what to stop.';
    case 'value_unexpected':
      return 'The scope all takes no value, because it stops everything.';
    case 'value_malformed':
      return `value must be well-formed text of at most ${FEED_WATERMARK_VALUE_BYTES_MAX} bytes.`;
    case 'spelling_unknown':
      return `value is not an identity that a token can name: write NAME#SUBJECT, ISSUER#SUBJECT or a SPIFFE ID. ${insist}`;
    case 'issuer_unconfigured': {
      const names = known.identityIssuers.map(({ name }) => name).join(', ');
      return `There is no identity issuer ${fault.issuer}. Configured: ${names}. ${insist}`;
    }
    case 'subject_unfit':
      return `${fault.issuer} cannot prove this subject (${fault.why}). ${insist}`;
    case 'key_unpublished':
      return `${fault.value} is not a published key. Name a withdrawn key by its public half, in hex. ${insist}`;
    case 'owner_unstated':
      return `The policy has no owner ${fault.value}. It has: ${known.owners?.join(', ')}. ${insist}`;
    case 'audience_unlisted':
      return `${fault.value} is not in AUDIENCES: ${known.audiences.join(', ')}. ${insist}`;
    case 'tool_uncatalogued':
      return `The catalogue has no tool ${fault.value}. ${insist}`;
  }
}
