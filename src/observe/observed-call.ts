import { type AuditRecord, isPartDigest } from '../audit/index.ts';
import { isJsonObject, type JsonObject } from '../canonical-json.ts';
import { type Action, isAction } from '../capability/index.ts';
import type { UnixMilliseconds } from '../clock.ts';
import { pointerTo } from '../json-pointer.ts';

/** A decision of a route that observes, as far as a report and a proposal need it. */
export interface ObservedCall {
  readonly id: string;
  readonly at: UnixMilliseconds;
  /** `allowed`: by its token. `observed`: made, and would be denied. `denied`: a stop. */
  readonly verdict: 'allowed' | 'observed' | 'denied';
  /** Why it was or would be denied. */
  readonly code?: string;
  /** The argument at fault, as an RFC 6901 pointer. */
  readonly pointer?: string;
  readonly workflow?: string;
  /** The agent of the token, qualified by its identity issuer. Absent without a token. */
  readonly agent?: string;
  /** The person on whose behalf. Absent if the workflow had no user. */
  readonly user?: string;
  readonly owner?: string;
  readonly task?: string;
  /** Where a call without a token came from, as in `credential:3f8a91c04b7d2e65`. */
  readonly source?: string;
  readonly tool?: string;
  readonly action?: Action;
  readonly datasets: readonly string[];
  /** Absent if the record has no sample of them. */
  readonly args?: JsonObject;
  /** RFC 6901 pointers of arguments that are not in `args` although the call had them. */
  readonly cut: readonly string[];
}

/** The source of calls without a token, if neither address nor credential is known. */
const UNKNOWN_SOURCE = 'unknown';

/** Returns the call of a record; undefined for a record that no route that observes has made. */
export function observedCallOf(record: AuditRecord): ObservedCall | undefined {
  if (record.event !== 'decision' || record.mode !== 'observe') return undefined;
  const { id, at, allowed, observed, code, detail, workflow, agent, subject, owner, task } = record;
  const { tool, action, sample } = record;
  const user = subject === owner ? undefined : subject;
  const pointer = detail?.pointer;
  const cut = [...(sample?.cut ?? [])];
  const args = sample?.arguments && whole(sample.arguments as JsonObject, cut);
  const source = agent === undefined ? { source: sourceOf(sample?.source) } : {};
  return {
    id,
    at,
    verdict: allowed ? 'allowed' : observed ? 'observed' : 'denied',
    ...defined({ code, workflow, agent, user, owner, task, args }),
    ...source,
    ...(typeof pointer === 'string' && { pointer }),
    ...(tool !== undefined && !isPartDigest(tool) && { tool }),
    ...(isAction(action) && { action }),
    datasets: (record.datasets ?? []).filter((dataset) => typeof dataset === 'string'),
    cut,
  };
}

/** The log replaces parts of a long record by digests. Those are cuts as well. */
function whole(args: JsonObject, cut: string[]): JsonObject | undefined {
  if (isPartDigest(args)) {
    cut.push('');
    return undefined;
  }
  const members = Object.entries(args).filter(([name, value]) => {
    const isWhole = !hasDigest(value);
    if (!isWhole) cut.push(pointerTo('', name));
    return isWhole;
  });
  return Object.fromEntries(members);
}

const hasDigest = (value: unknown): boolean =>
  isPartDigest(value) ||
  (Array.isArray(value) && value.some(hasDigest)) ||
  (isJsonObject(value) && Object.values(value).some(hasDigest));

function sourceOf(source: { address?: string | undefined; credential?: string | undefined } = {}) {
  const { address, credential } = source;
  if (credential !== undefined) return `credential:${credential}`;
  return address === undefined ? UNKNOWN_SOURCE : `address:${address}`;
}

/** Returns the members that have a value. */
function defined<T extends object>(members: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const known = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known) as { [K in keyof T]?: NonNullable<T[K]> };
}
